"""The dashboard in a real browser: every page opens, shows its Korean texts and no exception."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from dashboards.texts import TEXTS
from tests.dashboards.world import APP, EXPERIMENT, LABELS, World, environment

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium fonts-nanum"),
]
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SCREEN: ViewportSize = {"width": 1440, "height": 1000}
# Only a hang takes so long: a machine that is busy with other things is slow to start and to draw.
HANG_SECONDS = 600
HANG_MS = 1000 * HANG_SECONDS
# Nothing waits to be shown, two frames on: no element is of the run before, and each chart has its picture.
DRAWN = """async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")];
    return !document.querySelector("[data-stale=true]") && charts.every((chart) => chart.querySelector("canvas, svg"));
}"""
# page -> texts that it must show for the recorded repository
PAGES = {
    "runs": ["실행 목록", "DVC가 아는 모든 실행"],
    "compare": [
        "1. 객관식",
        "2. 속도",
        "3. 설명 생성",
        "4. 글자 읽기 (OCR)",
        "5. 한국 문화",
        "여기서 측정",
        "AIKU 2024",
        "needs a GPU",
        "비교 불가",
    ],
    "curves": ["1단계 (pretrain)", "2단계 (finetune)"],
    "examples": ["간판에 무엇이라고 적혀 있나요?", "정답", "12 / 12 문항"],
    "data": ["출처별 표본 수", "거절 이유"],
    "export": ["같은 첫 토큰", "98.7%", "양자화로 잃은 것", "limits.top1"],
    "try_it": ["내보낸 모델이 없습니다"],
}


@pytest.fixture(scope="module")
def address(recorded: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard, started as its users start it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    log = tmp_path_factory.mktemp("streamlit") / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(APP), *options],
            cwd=recorded.root,
            env=environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(url, server, log)
            yield url
        finally:
            server.kill()  # it holds no state, and would wait for open tabs
            server.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the system installs it."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=BROWSER_FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab of the size of a laptop's screen."""
    opened = browser.new_page(viewport=SCREEN)
    opened.set_default_timeout(HANG_MS)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go."""
    asked = request.config.getoption("--screenshots", default=None)
    folder = Path(asked) if asked else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_every_page(address: str, tab: Page, pictures: Path) -> None:
    """A click through all pages: the texts stand there, no exception box, a picture of each."""
    tab.goto(address)
    for name, texts in PAGES.items():
        title = TEXTS[f"{name}_title"][0]
        tab.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
        tab.get_by_role("heading", name=title, exact=True).first.wait_for()
        for text in texts:
            tab.get_by_text(text).first.wait_for()
        _settle(tab)
        assert tab.get_by_test_id("stException").count() == 0, name
        assert tab.get_by_test_id("stAlertContentError").count() == 0, name
        _screenshot(tab, pictures / f"{name}.png")


def test_boxes_and_answers_of_both_stages(address: str, tab: Page, pictures: Path) -> None:
    """The OCR benchmark draws the reference and both answers on the picture."""
    tab.goto(f"{address}/examples")
    _settle(tab)
    _choose(tab, 1, "ocr-box-demo")
    tab.get_by_text("정답 상자").first.wait_for()
    tab.get_by_text("■ 1단계").first.wait_for()
    expect(tab.get_by_test_id("stImage")).to_have_count(5, timeout=HANG_MS)
    _screenshot(tab, pictures / "examples_boxes.png")


def test_an_experiment_against_stage_one_in_english(address: str, tab: Page, pictures: Path) -> None:
    """Another run, another baseline, the other language."""
    tab.goto(f"{address}/compare")
    _settle(tab)
    tab.get_by_test_id("stSidebar").get_by_text("English", exact=True).click()
    tab.get_by_text("1. Closed questions").wait_for()
    _choose(tab, 0, EXPERIMENT)
    # The second box is made anew with the run's own baselines: a choice made before that would be lost.
    tab.get_by_role("columnheader").filter(has_text=EXPERIMENT).first.wait_for()
    _settle(tab)
    _choose(tab, 1, "Stage 1 (pretrain)")
    tab.get_by_text("Difference to Stage 1 (pretrain)").first.wait_for()
    tab.get_by_role("columnheader", name="KoLLaVA-7B").first.wait_for()
    _settle(tab)
    assert tab.get_by_test_id("stException").count() == 0
    _screenshot(tab, pictures / "compare_stages_english.png")


def test_a_measured_baseline_and_the_report(address: str, tab: Page, pictures: Path) -> None:
    """A model that stands in for another is named as such; the report shows its picture."""
    tab.goto(f"{address}/compare")
    _settle(tab)
    _choose(tab, 1, "stand-in")
    tab.get_by_text("stand-in 대비 차이").first.wait_for()
    tab.get_by_role("columnheader").filter(has_text=LABELS["stand-in"]).first.wait_for()
    for name in ("by_category", "report"):
        tab.get_by_test_id("stExpander").get_by_text(TEXTS[name][0], exact=True).click()
        _settle(tab)
    tab.get_by_role("heading", name="모델 비교").wait_for()
    tab.get_by_test_id("stImage").wait_for()
    _settle(tab)
    assert tab.get_by_test_id("stException").count() == 0
    _screenshot(tab, pictures / "compare_baseline.png")


def test_curves_of_two_runs(address: str, tab: Page, pictures: Path) -> None:
    """Two runs in one picture, each with its own line."""
    tab.goto(f"{address}/curves")
    _settle(tab)
    tab.get_by_test_id("stMultiSelect").locator("input").click()
    tab.get_by_role("option").filter(has_text=EXPERIMENT).click()
    tab.keyboard.press("Escape")
    expect(tab.get_by_test_id("stVegaLiteChart")).to_have_count(4, timeout=HANG_MS)
    _settle(tab)
    _screenshot(tab, pictures / "curves_two_runs.png")


def _choose(tab: Page, box: int, option: str) -> None:
    tab.get_by_test_id("stSelectbox").nth(box).locator("input").click()
    tab.get_by_role("option").filter(has_text=option).first.click()
    _settle(tab)


def _settle(tab: Page) -> None:
    """Waits until the script has run and the charts are drawn."""
    tab.get_by_test_id("stApp").and_(tab.locator("[data-test-script-state='notRunning']")).wait_for()
    tab.wait_for_function(DRAWN)


def _screenshot(tab: Page, path: Path) -> None:
    """The whole page: Streamlit scrolls inside, so the window grows to its content first."""
    height = tab.get_by_test_id("stMainBlockContainer").evaluate("node => node.scrollHeight")
    tab.set_viewport_size({"width": SCREEN["width"], "height": max(SCREEN["height"], int(height) + 20)})
    _settle(tab)
    tab.screenshot(path=path)
    tab.set_viewport_size(SCREEN)
    assert path.stat().st_size > 10_000


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + HANG_SECONDS
    while time.monotonic() < limit:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=HANG_SECONDS):
                return
        except OSError:  # nothing listens yet
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url} in {HANG_SECONDS} s: {log.read_text()}")
