"""What the libraries say in our forms is said in our voice."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext

from config.third_party_messages import MESSAGES


@pytest.mark.parametrize("sentence", MESSAGES)
def test_every_borrowed_sentence_is_spoken_politely_in_korean(sentence: str) -> None:
    with translation.override("ko"):
        spoken = gettext(sentence)
    assert spoken != sentence
    assert "니다" not in spoken
    assert "요" in spoken


def test_a_refused_form_says_it_in_korean() -> None:
    form = forms.Form({"short": "a" * 9})
    form.fields |= {
        "needed": forms.CharField(),
        "short": forms.CharField(max_length=5),
        "choice": forms.ChoiceField(required=False, choices=[("a", "a")]),
    }
    with translation.override("ko"), pytest.raises(ValidationError) as refused:
        validate_password("abcdef")
    with translation.override("ko"):
        assert form.errors == {
            "needed": ["꼭 입력해 주세요."],
            "short": ["5자 이하로 줄여 주세요. 지금은 9자예요."],
        }
        assert refused.value.messages == [
            "비밀번호가 너무 짧아요. 10자 이상으로 정해 주세요.",
            "너무 흔한 비밀번호예요.",
        ]
