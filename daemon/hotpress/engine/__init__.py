"""Who runs the next step. It is handed `run_one(job_id)` and knows nothing of what that does."""

from hotpress.engine.local import LocalEngine

__all__ = ["LocalEngine"]
