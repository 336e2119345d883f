"""One demonstration, one server and one Chromium for all tests here. They end with the package, so that no event loop of
Playwright's is left over when other tests run in the same process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import Demo, Site, Stage, running
from tests.browser.survey import Findings, survey


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo.made(tmp_path_factory.mktemp("made") / "data")


@pytest.fixture(scope="package")
def site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(demo, tmp_path_factory.mktemp("demo")) as site:
        yield site


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=_installed(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stage(chromium: Browser, site: Site) -> Stage:
    return Stage(chromium, site)


@pytest.fixture(scope="package")
def findings(stage: Stage) -> Findings:
    """What was seen on a walk through every page; made once, and asked by several tests."""
    return survey(stage)


def _installed() -> str:
    import shutil

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "the browser tests need Chromium: install the package 'chromium'"
    return found
