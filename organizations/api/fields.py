"""Serializer fields that several views share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class TextSerializer(serializers.Serializer[Any]):
    en = serializers.CharField()
    ko = serializers.CharField()
