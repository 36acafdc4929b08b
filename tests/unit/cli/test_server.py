import gc
import logging
import socket
import threading

import httpx
import pytest

from beffroi.app import Node, application, open_house
from beffroi.cli._server import server_of
from beffroi.doors.workers import Crew
from beffroi.flow import sample
from beffroi.settings import Settings


@pytest.fixture(autouse=True)
def _thawed():
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_told_to_end_it_does_not_wait_for_open_pages(tmp_path, caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(data=tmp_path, port=port, demo=True, argon2="cheap", decoders=1)
    with open_house(settings) as house, caplog.at_level(logging.WARNING):
        sample.fill(house)
        server = server_of(application(Node(house, None, Crew(house, None))), settings)
        running = threading.Thread(target=server.run)
        running.start()
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, headers={"origin": base}, timeout=30) as tab:
            while not server.started:
                running.join(0.05)
            assert gc.get_freeze_count() > 100_000  # modules, tables, routes
            given = {"email": "noor@agora.example", "password": sample.PASSWORD}
            assert tab.post("/login", data=given).status_code == 303
            with tab.stream("GET", "/console/changes") as stream:
                lines = stream.iter_lines()
                assert next(lines) == "retry: 3000"
                server.should_exit = True
                assert "".join(lines) == ""
        running.join()
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
