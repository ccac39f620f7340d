"""Serializer fields that several views share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from organizations.languages import language_codes
from organizations.text import in_language

# No docstrings: they would become part of the schema.


class TextSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {language: serializers.CharField() for language in language_codes()}

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        return {language: in_language(instance, language) for language in language_codes()}


class MethodsSerializer(TextSerializer):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            language: serializers.ListField(child=serializers.CharField())
            for language in language_codes()
        }
