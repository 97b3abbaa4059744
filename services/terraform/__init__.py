"""Node documents as Terraform code and back."""
