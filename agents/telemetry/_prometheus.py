"""Metrics for Prometheus, by its official package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.agents.events._events import SessionEnded
from trialogue.agents.telemetry._measures import MEASURES, measurements
from trialogue.engine import ProviderError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    from trialogue.agents.events._events import Event

#: Boundaries of the buckets of latencies, seconds: fine where a conversation feels the difference.
_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


class PrometheusMetrics:
    """An observer for any number of sessions of one process.

    Args:
        registry: where the metrics are registered; the package's own by default. One object for each registry.

    Raises:
        ProviderError: the package `prometheus-client` is not installed.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        try:
            import prometheus_client as prometheus
        except ImportError as error:
            raise ProviderError("Prometheus needs its package: pip install 'trialogue[prometheus]'") from error
        where = prometheus.REGISTRY if registry is None else registry
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, measure in MEASURES.items():
            suffix = "_seconds" if measure.unit == "s" else ""
            full = f"trialogue_{name}{suffix}"
            if measure.kind == "counter":
                self._counters[name] = prometheus.Counter(full, measure.meaning, measure.labels, registry=where)
            else:
                self._histograms[name] = prometheus.Histogram(
                    full, measure.meaning, measure.labels, registry=where, buckets=_BUCKETS_S
                )
        self._sessions = prometheus.Counter("trialogue_sessions", "Sessions that are over.", registry=where)

    def __call__(self, event: Event) -> None:
        """Count an event."""
        for each in measurements(event):
            if each.name in self._counters:
                counter = self._counters[each.name]
                (counter.labels(**each.labels) if each.labels else counter).inc(each.value)
            else:
                histogram = self._histograms[each.name]
                (histogram.labels(**each.labels) if each.labels else histogram).observe(each.value)
        if isinstance(event, SessionEnded):
            self._sessions.inc()
