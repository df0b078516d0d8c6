"""Clears what a killed DVC process leaves behind, and nothing that a living one holds."""

import json
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout


def clear_dead_locks(root: Path) -> list[str]:
    """Removes from DVC's lock file the entries of processes that are gone, and says what it removed.

    DVC's other locks are the operating system's and end with their process. This one is a list of process
    numbers. DVC drops dead numbers from it, but not one that another program (or a zombie) has by now, and it
    cannot read a file that was cut off in the middle of a write.
    """
    path = root / ".dvc" / "tmp" / "rwlock"
    if not path.exists():
        return []
    try:
        with FileLock(path.with_name("rwlock.lock"), timeout=0):
            return _clear(path)
    except Timeout:
        return []  # a living DVC is writing the file at this moment


def _clear(path: Path) -> list[str]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        path.unlink()
        return [f"{path.name}: cut off in the middle of a write"]
    removed: dict[int, str] = {}

    def dead(entry: dict[str, Any]) -> bool:
        if _is_dvc(entry["pid"]):
            return False
        removed[entry["pid"]] = f"process {entry['pid']} ({entry['cmd']}), which is gone"
        return True

    entries["write"] = {file: entry for file, entry in entries.get("write", {}).items() if not dead(entry)}
    readers = {file: [e for e in held if not dead(e)] for file, held in entries.get("read", {}).items()}
    entries["read"] = {file: held for file, held in readers.items() if held}
    if removed:
        path.write_text(json.dumps(entries), encoding="utf-8")
    return list(removed.values())


def _is_dvc(pid: int) -> bool:
    try:
        # A zombie has no command line.
        return "dvc" in " ".join(psutil.Process(pid).cmdline())
    except psutil.AccessDenied:
        return True  # another user's process: leave its lock alone
    except psutil.Error:
        return False
