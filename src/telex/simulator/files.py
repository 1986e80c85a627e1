"""Files that people have sent: what a bot gets of them by ``getFile`` and the address that follows."""

from dataclasses import dataclass

from telex.simulator.refusals import Refused, Why
from telex.simulator.state import Json

MOST_BYTES = 20_000_000  # that a bot can download
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_KINDS = {"image/png": "png", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class File:
    """One file, with the path that a bot finds it at."""

    id: str
    path: str
    data: bytes
    kind: str


class Files:
    """All of them, by id."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def add(self, data: bytes, kind: str = "image/jpeg") -> File:
        """Keep a file; ``kind`` is its media type."""
        number = len(self._files) + 1
        file = File(f"AgACAgIAAx{number:04}", f"photos/file_{number}.{_KINDS.get(kind, 'jpg')}", data, kind)
        self._files[file.id] = file
        return file

    def find(self, file_id: str) -> File:
        """The file with this id.

        Raises:
            Refused: there is none, or it is too large.
        """
        file = self._files.get(file_id)
        if file is None:
            raise Refused(Why.FILE_ID)
        if len(file.data) > MOST_BYTES:
            raise Refused(Why.FILE_BIG)
        return file

    def known(self, file_id: str) -> File | None:
        """The file with this id, if there is one."""
        return self._files.get(file_id)

    def at(self, path: str) -> File | None:
        """The file at this path."""
        return next((file for file in self._files.values() if file.path == path), None)


def as_photo(file: File, width: int, height: int) -> Json:
    """What a message with a photo holds: its sizes, smallest first."""
    size = {"width": width, "height": height, "file_size": len(file.data)}
    return {"photo": [{"file_id": file.id, "file_unique_id": file.id[-8:], **size}]}


def as_document(file: File) -> Json:
    """What a message with a file holds."""
    name = file.path.rpartition("/")[2]
    about = {"file_name": name, "mime_type": file.kind, "file_size": len(file.data)}
    return {"document": {"file_id": file.id, "file_unique_id": file.id[-8:], **about}}
