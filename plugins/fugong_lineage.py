"""Tells an OpenLineage receiver which tables a task has written and from what, where `FUGONG_OPENLINEAGE` names one.

Airflow's provider tells that a task began and ended; this adds the tables, in an event of the same run.
"""

from __future__ import annotations

from collections.abc import Iterable

from airflow.configuration import conf

NAMESPACE = "fugong"


def tell_lineage(inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """Tell what the task that runs has read and written; nothing where no receiver is named, or nothing was written.

    A receiver that is away fails no task: the provider logs it.

    Args:
        inputs: names such as `report.loan` or `inbox.TAX`.
        outputs: the same.
    """
    written = sorted(set(outputs))
    if not written or conf.getboolean("openlineage", "disabled", fallback=True):
        return
    # Late: it takes half a second to import.
    from airflow.providers.openlineage.api import emit_dataset_lineage
    from openlineage.client.event_v2 import InputDataset, OutputDataset

    emit_dataset_lineage(
        inputs=[InputDataset(namespace=NAMESPACE, name=name) for name in sorted(set(inputs))],
        outputs=[OutputDataset(namespace=NAMESPACE, name=name) for name in written],
    )
