"""The table: for each field of the node document, the test that shows what it does."""

from tests.fields.decision_rows import DECISIONS
from tests.fields.disk_rows import DISKS, SECURITY
from tests.fields.extension_rows import EXTENSIONS
from tests.fields.image_rows import IMAGES
from tests.fields.other_rows import OTHERS
from tests.fields.row import Row
from tests.fields.system_rows import SECRETS, SYSTEM

TABLE: tuple[Row, ...] = (
    *(*DECISIONS, *IMAGES, *SYSTEM, *SECRETS, *DISKS, *SECURITY, *EXTENSIONS, *OTHERS),
)
