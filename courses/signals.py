"""The domain signal of learning. The other one is in ``certificates.signals``.

``course_completed`` is sent with ``completions``, a list of at least one, inside the transaction that created them: one
when a learner does the last step, many when a changed outline settles them. Receivers in ``kpi`` and ``certificates``
write in the same transaction, so that a completion is counted and numbered or not there at all.
"""

from django.dispatch import Signal

course_completed = Signal()
