"""Bring the three Debian packages that the boundaries are made from, unpacked and never installed.

The packages come from Debian trixie through apt's own client with a private source list, so that the machine's own
lists stay as they are. What is unpacked is read by scripts/build_boundaries.py.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGES = ("r-cran-rnaturalearthdata", "qgis-common", "iso-codes")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def bring(target: Path, mirror: str) -> None:
    """Download and unpack PACKAGES below ``target``, one folder each."""
    for folder in ("lists/partial", "cache/archives/partial", "deb"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    sources = target / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} trixie main\n")
    options = {
        "Dir::Etc::sourcelist": sources.resolve(),
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": (target / "lists").resolve(),
        "Dir::Cache": (target / "cache").resolve(),
        "APT::Sandbox::User": "root",
    }
    flags = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    subprocess.run(["apt-get", *flags, "update"], check=True)
    subprocess.run(["apt-get", *flags, "download", *PACKAGES], check=True, cwd=target / "deb")
    for deb in (target / "deb").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(deb), str(target / deb.name.split("_")[0])], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: debian_sources.py FOLDER DEBIAN-MIRROR")
    bring(Path(sys.argv[1]), sys.argv[2])
