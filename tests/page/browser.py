"""Chromium, driven through a pipe: pages opened, keys pressed, the console read."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

from conftest import HANGS

KEYS = {
    "Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), " ": (32, " "),
    "ArrowLeft": (37, ""), "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, ""),
    "Home": (36, ""), "End": (35, ""),
}  # fmt: skip
"""The keys that are pressed by name: their codes, and what they write."""


class Browser:
    """One tab of Chromium."""

    def __init__(self, program: str, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()  # to Chromium, from Chromium
        fixed = os.dup(ours[0]), os.dup(theirs[1])
        command = [
            "bash", "-c", f'exec "$@" 3<&{fixed[0]} 4>&{fixed[1]}', "bash", program,
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, pass_fds=fixed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for end in (*fixed, ours[0], theirs[1]):
            os.close(end)
        self.to, self.back = os.fdopen(ours[1], "wb"), os.fdopen(theirs[0], "rb")
        self.buffer, self.count, self.session = b"", 0, ""
        self.loaded = False
        self.said: list[str] = []
        """Errors and warnings of the console, of the page and of its workers."""
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(each for each in targets if each["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for each in ("Runtime.enable", "Log.enable", "Page.enable"):
            self.ask(each)
        self.ask(
            "Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True
        )

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        number = self._send(method, params, self.session)
        while True:
            message = self._message()
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                result: dict[str, Any] = message["result"]
                return result

    def _send(self, method: str, params: dict[str, Any], session: str) -> int:
        self.count += 1
        message: dict[str, Any] = {"id": self.count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        return self.count

    def _message(self) -> dict[str, Any]:
        """Return the next message, its complaints noted."""
        while b"\0" not in self.buffer:
            ready, _, _ = select([self.back], [], [], HANGS + 60)
            piece = os.read(self.back.fileno(), 1 << 20) if ready else b""
            assert piece, "Chromium has ended, or hangs"
            self.buffer += piece
        text, _, self.buffer = self.buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        method, params = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Target.attachedToTarget" and self.session:
            for each in ("Runtime.enable", "Log.enable"):
                self._send(each, {}, params["sessionId"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in (
            "error",
            "warning",
            "assert",
        ):
            self.said.append(" ".join(str(each.get("value", "")) for each in params["args"]))
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.said.append(str(details.get("exception", {}).get("description", details)))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.said.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        return message

    def run(self, script: str) -> Any:
        """Return what an asynchronous script in the page comes to."""
        found = self.ask(
            "Runtime.evaluate", expression=f"(async () => {{ {script} }})()", awaitPromise=True,
            returnByValue=True,
        )  # fmt: skip
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until an expression in the page holds."""
        self.run(
            f"const end = Date.now() + {HANGS * 1000};"
            f"while (!({condition})) {{ await new Promise((go) => setTimeout(go, 20));"
            f"if (Date.now() > end) throw new Error('it never holds'); }}"
        )

    def open(self, address: str, width: int = 1280, height: int = 900) -> None:
        """Open a page at a width."""
        self.resize(width, height)
        self._loading("Page.navigate", url=address)

    def reload(self) -> None:
        """Load the page again."""
        self._loading("Page.reload")

    def _loading(self, method: str, **params: Any) -> None:
        self.loaded = False
        self.ask(method, **params)
        while not self.loaded:
            self._message()

    def resize(self, width: int, height: int = 900) -> None:
        """Make the window so wide."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=False,
        )  # fmt: skip

    def press(self, *keys: str) -> None:
        """Press keys, each by its name or by the letter that it writes."""
        for key in keys:
            code, text = KEYS.get(key, (ord(key[0].upper()), key))
            for kind in ("keyDown", "keyUp"):
                self.ask(
                    "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                    **({"text": text} if text and kind == "keyDown" else {}),
                )  # fmt: skip

    def type(self, text: str) -> None:
        """Write a text where the focus is."""
        self.ask("Input.insertText", text=text)

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Write a picture of the page."""
        found = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(found["data"]))


@contextmanager
def browsing(program: str, profile: Path) -> Iterator[Browser]:
    """A browser that is closed at the end."""
    browser = Browser(program, profile)
    try:
        yield browser
    finally:
        browser._send("Browser.close", {}, "")
        try:
            browser.process.wait(20)
        except subprocess.TimeoutExpired:
            browser.process.kill()
            browser.process.wait()
        browser.to.close()
        browser.back.close()
