"""The one domain signal of the project.

``course_completed`` is sent with ``completion`` inside the transaction that created it. Receivers in ``kpi`` and
``certificates`` write in the same transaction, so that a completion is counted and numbered or not there at all.
"""

from django.dispatch import Signal

course_completed = Signal()
