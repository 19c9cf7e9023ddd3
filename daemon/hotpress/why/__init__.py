"""Why is this file where it is? One sentence and a next step for any path; nothing is changed."""

from hotpress.why.answers import Answer, answer
from hotpress.why.gather import look
from hotpress.why.scene import Scene

__all__ = ["Answer", "Scene", "answer", "look"]
