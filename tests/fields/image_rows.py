"""Images and the plans they are sold under."""

from tests.fields.places import BASE, COMPUTE, STORAGE, within
from tests.fields.row import Elsewhere, Json, Row, in_vm
from tests.unit.model.documents import LS

IMAGE, REFERENCE = f"{LS}.image", f"{STORAGE}/imageReference"
CUSTOM: Json = {"custom": {"resourceGroupName": "images", "name": "golden"}}
GALLERY: Json = {
    "gallery": {
        "resourceGroupName": "images",
        "galleryName": "ours",
        "imageName": "web",
        "versionName": "1.0.0",
    }
}
PLAN: Json = {"publisher": "a", "product": "b", "name": "c"}


def gallery_id(group: str, gallery: str, image: str, version: str = "1.0.0") -> str:
    path = f"{BASE}/{group}/{COMPUTE}/galleries/{gallery}/images/{image}"
    return f"{path}/versions/{version}" if version else path


IMAGES: tuple[Row, ...] = (
    *(
        in_vm(f"{IMAGE}.marketplace.{name}", f"{REFERENCE}/{name}", ("one", "two"))
        for name in ("publisher", "offer", "sku", "version")
    ),
    in_vm(
        f"{IMAGE}.custom.resourceGroupName",
        f"{REFERENCE}/id",
        ("one", "two"),
        tuple(f"{BASE}/{group}/{COMPUTE}/images/golden" for group in ("one", "two")),  # type: ignore[arg-type]
        given=within("image", CUSTOM),
    ),
    in_vm(
        f"{IMAGE}.custom.name",
        f"{REFERENCE}/id",
        ("one", "two"),
        tuple(f"{BASE}/images/{COMPUTE}/images/{name}" for name in ("one", "two")),  # type: ignore[arg-type]
        given=within("image", CUSTOM),
    ),
    in_vm(
        f"{IMAGE}.gallery.resourceGroupName",
        f"{REFERENCE}/id",
        ("one", "two"),
        (gallery_id("one", "ours", "web"), gallery_id("two", "ours", "web")),
        given=within("image", GALLERY),
    ),
    in_vm(
        f"{IMAGE}.gallery.galleryName",
        f"{REFERENCE}/id",
        ("one", "two"),
        (gallery_id("images", "one", "web"), gallery_id("images", "two", "web")),
        given=within("image", GALLERY),
    ),
    in_vm(
        f"{IMAGE}.gallery.imageName",
        f"{REFERENCE}/id",
        ("one", "two"),
        (gallery_id("images", "ours", "one"), gallery_id("images", "ours", "two")),
        given=within("image", GALLERY),
    ),
    in_vm(
        f"{IMAGE}.gallery.versionName",
        f"{REFERENCE}/id",
        ("2.0.0", "Latest"),
        (gallery_id("images", "ours", "web", "2.0.0"), gallery_id("images", "ours", "web", "")),
        given=within("image", GALLERY),
    ),
    Elsewhere(
        f"{IMAGE}.gallery.spotAccountId",
        "tests/activities/test_images.py"
        "::test_a_gallery_of_another_account_is_found_in_its_subscription",
    ),
    *(
        in_vm(
            f"{LS}.purchasePlan.{name}",
            f"plan/{name}",
            ("one", "two"),
            given=within("purchasePlan", PLAN),
        )
        for name in ("publisher", "product", "name")
    ),
)
