"""Little's law in a report: clients in flight = messages per second x mean latency."""
import pytest


def assert_littles_law(report, in_flight, windows=1):
    """It is computed from the report's own figures, and a difference that the windows' borders do not explain is warned
    of. How large it is depends on the machine: where everything stands still at a border, the law cannot hold."""
    law, mean_s = report["littles_law"], report["latency"]["service"]["mean_us"] / 1e6
    assert law["in_flight_expected"] == in_flight
    assert law["in_flight_by_law"] == pytest.approx(report["window"]["messages_per_s"] * mean_s)
    assert law["deviation"] == pytest.approx(abs(law["in_flight_by_law"] - in_flight) / in_flight)
    assert law["deviation_explained"] == pytest.approx(windows * mean_s / report["window"]["seconds"])
    warned = any(text.startswith("Little's law") for text in report["warnings"])
    assert warned == (law["deviation"] > 0.05 + law["deviation_explained"])
