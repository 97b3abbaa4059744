from typing import Final

from tests.unit.model.bad import CONFLICT, MISSING, RANGE, REQUIRED, TYPE, UNKNOWN, Bad, b64
from tests.unit.model.documents import LS, PUBLIC_KEY

IMAGE_AND_NAME: Final = (
    Bad("image-missing", f"{LS}.image", MISSING, code=REQUIRED),
    Bad("image-empty", f"{LS}.image", {}, code=REQUIRED),
    Bad(
        "image-two",
        f"{LS}.image.custom",
        {"resourceGroupName": "fleet", "name": "a"},
        f"{LS}.image",
        CONFLICT,
    ),
    Bad("image-no-publisher", f"{LS}.image.marketplace.publisher", MISSING, code=REQUIRED),
    Bad(
        "image-custom-no-group",
        f"{LS}.image",
        {"custom": {"name": "a"}},
        f"{LS}.image.custom.resourceGroupName",
        REQUIRED,
    ),
    Bad(
        "gallery-version-two-parts",
        f"{LS}.image",
        {
            "gallery": {
                "resourceGroupName": "g",
                "galleryName": "g",
                "imageName": "i",
                "versionName": "1.2",
            }
        },
        f"{LS}.image.gallery.versionName",
    ),
    Bad(
        "plan-extra-key",
        f"{LS}.purchasePlan",
        {"publisher": "a", "product": "b", "name": "c", "promotion": "d"},
        f"{LS}.purchasePlan.promotion",
        UNKNOWN,
    ),
    Bad(
        "plan-empty-name",
        f"{LS}.purchasePlan",
        {"publisher": "a", "product": "b", "name": ""},
        f"{LS}.purchasePlan.name",
    ),
    Bad("vm-name-65", f"{LS}.vmName", "x" * 65, code=RANGE),
    Bad("vm-name-underscore", f"{LS}.vmName", "web_1"),
    Bad("vm-name-blank", f"{LS}.vmName", "web 1"),
    Bad("vm-name-hyphen-last", f"{LS}.vmName", "web-"),
    Bad("vm-name-period-windows", f"{LS}.vmName", "web.1", os="Windows"),
    Bad("vm-name-number-windows", f"{LS}.vmName", "20261123", os="Windows"),
    Bad("prefix-26", f"{LS}.vmNamePrefix", "x" * 26, code=RANGE),
    Bad(
        "prefix-and-name",
        f"{LS}.vmNamePrefix",
        "web",
        code=CONFLICT,
        also=((f"{LS}.vmName", "web-1"),),
    ),
)
SCRIPTS_AND_LOGIN: Final = (
    Bad("custom-data-plain", f"{LS}.customData", "#!/bin/sh"),
    Bad("custom-data-wrapped", f"{LS}.customData", "aGVs\nbG8="),
    Bad("custom-data-large", f"{LS}.customData", b64(65_536)),
    Bad("user-data-large", f"{LS}.userData", b64(65_537)),
    Bad("shutdown-script-plain", f"{LS}.shutdownScript", "bye!"),
    Bad(
        "login-no-name",
        f"{LS}.login",
        {"sshPublicKey": PUBLIC_KEY},
        f"{LS}.login.userName",
        REQUIRED,
    ),
    Bad("login-reserved", f"{LS}.login.userName", "Administrator"),
    Bad("login-root", f"{LS}.login.userName", "root"),
    Bad("login-characters", f"{LS}.login.userName", "a@b"),
    Bad("login-long-windows", f"{LS}.login.userName", "x" * 21, code=RANGE, os="Windows"),
    Bad("login-period-windows", f"{LS}.login.userName", "ann.", os="Windows"),
    Bad(
        "login-no-credential",
        f"{LS}.login",
        {"userName": "ann"},
        f"{LS}.login.sshPublicKey",
        REQUIRED,
    ),
    Bad("login-key-nonsense", f"{LS}.login.sshPublicKey", "AAAA"),
    Bad("login-key-windows", f"{LS}.login.sshPublicKey", PUBLIC_KEY, code=CONFLICT, os="Windows"),
    Bad("password-missing-windows", f"{LS}.login.password", MISSING, code=REQUIRED, os="Windows"),
    Bad("password-short-windows", f"{LS}.login.password", "Sh0rt-one!", code=RANGE, os="Windows"),
    Bad("password-long-linux", f"{LS}.login.password", "Aa1!" * 19, code=RANGE),
    Bad("password-one-class", f"{LS}.login.password", "abcdefghijklmnop", os="Windows"),
    Bad("password-known", f"{LS}.login.password", "P@ssword123"),
    Bad("password-number", f"{LS}.login.password", 123456789012, code=TYPE),
)
