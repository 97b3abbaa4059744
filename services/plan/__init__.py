"""What a call would do to Azure, told before it is done."""
