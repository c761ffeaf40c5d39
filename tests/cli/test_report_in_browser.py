"""Reports of real calls, in a real browser: they load without complaint, fit, and can be clicked."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from trialogue.cli import main

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.integration

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt install chromium)")

HTML = "{http://www.w3.org/1999/xhtml}"

#: Does what a reader does, and leaves what came of it in the document's title.
READER = """
<script>
addEventListener("load", () => {
  const score = document.getElementById("score"), box = score.getBoundingClientRect();
  score.dispatchEvent(new MouseEvent("click", {clientX: box.left + box.width / 4, clientY: box.top + 5}));
  const clicked = document.getElementById("playhead").getAttribute("x1");
  document.querySelectorAll(".at")[2].click();
  const followed = document.getElementById("playhead").getAttribute("x1");
  document.querySelector('[data-zoom="2"]').click();
  const wider = score.getBoundingClientRect().width;
  document.querySelector('[data-zoom="0"]').click();
  document.title = JSON.stringify({
    clicked: clicked,
    followed: followed,
    wider: wider > box.width,
    whole: score.clientWidth - score.parentElement.clientWidth,
    now: document.querySelectorAll(".line.now").length,
    surplus: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  });
});
</script>
</body>
"""


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a call that the recorded caller made in virtual time: sound, events, report."""
    for package in ("pocketsphinx", "onnxruntime"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("call")
    report = ["--report", str(folder / "call.html")]
    assert main(["demo", "--fast", "--out", str(folder / "call.wav"), *report]) == 0
    return folder


def events_of(call: Path, kind: str) -> list[dict[str, object]]:
    lines = map(json.loads, (call / "call.jsonl").read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["event"] == kind]


def test_every_turn_of_a_real_call_is_there_with_its_numbers(call: Path) -> None:
    page = ET.parse(call / "call.html").getroot()
    rows = [row for row in page.iter(f"{HTML}tr") if row.get("data-reply")]
    totals = [int("".join(row.findall(f"{HTML}td")[3].itertext())) for row in rows]
    latencies = [float(str(event["latency_s"])) for event in events_of(call, "TurnMeasured")]
    assert totals == [round(1000 * latency_s) for latency_s in latencies]
    text = " ".join("".join(page.itertext()).split())
    for kind, field in (("UserTurnEnded", "text"), ("AgentStoppedSpeaking", "heard"), ("ToolFinished", "output")):
        for event in events_of(call, kind):
            assert " ".join(str(event[field]).split()) in text
    assert "Virtual clock: delays are modelled." in text


def test_the_channels_of_a_real_call_are_there_with_what_they_carried(call: Path) -> None:
    page = ET.parse(call / "call.html").getroot()
    (table,) = (table for table in page.iter(f"{HTML}table") if "Senders waited" in "".join(table.itertext()))
    rows = {"".join(row[0].itertext()): [cell.text for cell in row[1:5]] for row in table.iter(f"{HTML}tr")}
    sent = int(rows["recorded user"][2] or "")
    (ended,) = events_of(call, "SessionEnded")
    assert sent == pytest.approx(float(str(ended["at_s"])) / 0.02, abs=3)
    drawn = "".join(page.itertext())
    assert all(name in drawn for name in ("microphone", "audio_out", "The session, when it ended"))


@pytest.mark.usefixtures("call")  # skips where a model is missing
def test_talk_reports_too(tmp_path: Path) -> None:
    said = files("trialogue.cli.calls.restaurant") / "book.flac"
    report = ["--report", str(tmp_path / "talk.html")]
    assert main(["talk", str(said), "--out", str(tmp_path / "talk.flac"), *report]) == 0
    page = ET.parse(tmp_path / "talk.html").getroot()
    assert "".join(next(page.iter(f"{HTML}h1")).itertext()) == "book.flac talks to an agent"
    text = "".join(page.itertext())
    assert "hello i would like to book a table please" in text
    assert "For how many people?" in text


@needs_chromium
@pytest.mark.parametrize("width", [1400, 400])
def test_a_reader_can_look_click_and_zoom(call: Path, tmp_path: Path, width: int) -> None:
    page = (call / "call.html").read_text(encoding="utf-8").replace("</body>", READER)
    path = tmp_path / "read.html"
    path.write_text(page, encoding="utf-8")
    done = browse("--dump-dom", f"--window-size={width},900", path=path, profile=tmp_path / "profile")
    assert not re.findall(r"CONSOLE.*", done.stderr)
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout)
    assert title is not None
    seen = json.loads(title[1].replace("&quot;", '"'))
    assert float(seen["clicked"].removesuffix("%")) == pytest.approx(25, abs=0.2)
    assert seen["followed"] != seen["clicked"]
    assert seen["wider"]
    assert seen["whole"] == 0
    assert seen["now"] == 1
    assert seen["surplus"] == 0  # only its parts scroll sideways, never the page


@needs_chromium
def test_it_can_be_read_without_scripts_and_photographed(call: Path, tmp_path: Path) -> None:
    page = re.sub(r"<script>.*?</script>", "", (call / "call.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    path, picture = tmp_path / "plain.html", tmp_path / "plain.png"
    path.write_text(page, encoding="utf-8")
    browse(f"--screenshot={picture}", "--window-size=1000,1500", path=path, profile=tmp_path / "profile")
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1000, 1500)
    assert len(data) > 50_000  # an empty page of this size has a tenth of that


def browse(*options: str, path: Path, profile: Path) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--virtual-time-budget=3000"]
    command = [CHROMIUM, *fixed, f"--user-data-dir={profile}", *options, path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
