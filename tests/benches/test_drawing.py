"""Plots and the page: well-formed, inside their frame, self-contained, and as wide as the screen in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benches.test_results import ROW, result
from trialogue.cli.bench import Curve, Distribution, Waterfall, write_page
from trialogue.cli.bench._drawing import HEIGHT, WIDTH, Axis, draw
from trialogue.cli.bench._page import render_page
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from trialogue.cli.bench import Plot

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

VALUES = st.floats(min_value=-1e6, max_value=1e6).map(lambda value: round(value, 3))
NAMES = st.text(min_size=1, max_size=12)
PLOTS = st.one_of(
    st.builds(
        Distribution,
        title=NAMES,
        unit=NAMES,
        samples=st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=300), min_size=1, max_size=9),
        limit=st.none() | VALUES,
    ),
    st.builds(
        Curve,
        title=NAMES,
        x=NAMES,
        y=NAMES,
        series=st.dictionaries(
            NAMES, st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30).map(sorted), min_size=1, max_size=9
        ),
        limit=st.none() | VALUES,
    ),
    st.builds(
        Waterfall,
        title=NAMES,
        unit=NAMES,
        bars=st.lists(st.tuples(NAMES, st.just(0.0), st.floats(0, 1e5)), min_size=1, max_size=8),
    ),
)


@given(PLOTS)
def test_whatever_was_measured_is_drawn_within_the_frame(plot: Plot) -> None:
    drawing = ET.fromstring(draw(plot))
    for shape in drawing.iter():
        for points in filter(None, [shape.get("points")]):
            for point in points.split():
                x, y = map(float, point.split(","))
                assert -1 <= x <= WIDTH + 1
                assert -1 <= y <= HEIGHT + 1
        if shape.tag in {"line", "rect"}:
            assert all(-1 <= float(shape.get(name, "0")) <= WIDTH + 1 for name in ("x", "x1", "x2", "width"))


def test_each_series_has_a_colour_and_a_name_in_the_key() -> None:
    drawing = ET.fromstring(draw(Curve(title="t", x="n", y="%", series={"a<b": [(1, 1)], "c": [(1, 2)]})))
    assert [item.text or "".join(item.itertext()) for item in drawing.iter("li")] == ["a<b", "c"]
    assert len(list(drawing.iter("polyline"))) == 2


def test_far_stragglers_do_not_press_the_others_together() -> None:
    values = [1.0 + 0.001 * number for number in range(199)] + [500.0]
    drawing = ET.fromstring(draw(Distribution(title="t", unit="ms", samples={"a": values})))
    (line,) = drawing.iter("polyline")
    xs = [float(point.split(",")[0]) for point in str(line.get("points")).split()]
    assert max(xs) - min(xs) > WIDTH / 5


def test_a_logarithmic_axis_has_its_ticks_at_powers_of_ten_and_equal_steps_between_them() -> None:
    axis = Axis(10.0, 10_000.0, 0.0, 300.0, logarithmic=True)
    assert axis.ticks == [10.0, 100.0, 1000.0, 10_000.0]
    assert [axis.at(tick) for tick in axis.ticks] == pytest.approx([0.0, 100.0, 200.0, 300.0])


def test_ticks_that_lie_close_together_are_told_apart() -> None:
    axis = Axis(677.0, 679.0, 0.0, 300.0)
    assert axis.labels == ["677", "677.5", "678", "678.5", "679"]
    assert Axis(0.0, 100_000.0, 0.0, 300.0).labels == ["0", "20k", "40k", "60k", "80k", "100k"]


def test_the_page_refers_to_nothing_outside_it_and_shows_every_figure() -> None:
    page = render_page("A & B", [result(ROW), result(ROW, bench="s2")])
    assert "A &amp; B" in page
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", page)
    assert "http" not in page.replace("http-equiv", "")
    assert 'href="#s2"' in page
    assert "1 of 1 not met" in page
    assert page.count("<svg") == 6


def test_a_page_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="name another place"):
        write_page(tmp_path / "file" / "page.html", "Benches", [result(ROW)])


@pytest.mark.integration
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt install chromium)")
@pytest.mark.parametrize("width", [500, 1400])
def test_the_page_fits_the_screen(tmp_path: Path, width: int) -> None:
    """Chromium has no narrower window than 500; wide tables scroll inside their own boxes."""
    page = render_page("Benches", [result(ROW)])
    tell = (
        "<script>addEventListener('load', () => { const root = document.documentElement;"
        "document.title = JSON.stringify([root.scrollWidth - root.clientWidth,"
        "[...document.querySelectorAll('svg')].map(each => each.clientWidth)]); });</script>"
    )
    # What is tested is the layout; the page itself allows no script.
    page = re.sub(r"<meta http-equiv.*?/>", "", page).replace("</body>", f"{tell}</body>")
    (tmp_path / "page.html").write_text(page)
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--dump-dom"]
    command = [str(CHROMIUM), *options, f"--user-data-dir={tmp_path / 'profile'}", f"file://{tmp_path / 'page.html'}"]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50).stdout
    surplus, widths = json.loads(re.findall(r"<title>(.*?)</title>", dom)[0])
    assert surplus == 0
    assert all(300 <= each <= 480 for each in widths)
