"""Why there can be no judge."""

from __future__ import annotations

from components.stages.errors import UserError


class JudgeError(UserError):
    """The judge cannot be asked at all; the message names the field of params.yaml and what to do."""


class TemplateError(JudgeError):
    """A template cannot be used; the message names the file and the field."""
