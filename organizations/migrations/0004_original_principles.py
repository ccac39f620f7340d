"""Organizations that exist already begin with the original words too, as they were at this release."""

import json

from django.db import migrations

ORIGINALS = (
    (
        {
            "en": "Leaders set clear principles and methods for marketing.",
            "ko": "리더가 마케팅의 판단 기준과 일하는 방법을 명확히 정하는 원칙",
        },
        {
            "en": "\n".join(
                (
                    "Writing down the principles behind marketing choices.",
                    "Planning marketing work with one shared method.",
                    "Making clear who decides what.",
                    "Judging success by the same measures across teams.",
                )
            ),
            "ko": "\n".join(
                (
                    "마케팅 판단의 기준이 되는 원칙을 글로 정하는 실천",
                    "하나의 공유된 방법으로 마케팅 업무를 기획하는 실천",
                    "누가 무엇을 결정하는지 분명히 하는 실천",
                    "여러 팀이 같은 지표로 성과를 판단하는 실천",
                )
            ),
        },
    ),
    (
        {
            "en": "Specialist teams interact flexibly around what customers need.",
            "ko": "전문 부서들이 고객 니즈를 중심으로 유연하게 상호작용하는 원칙",
        },
        {
            "en": "\n".join(
                (
                    "Bringing specialists together around a customer need.",
                    "Exchanging know-how with other specialist teams.",
                    "Voicing disagreement openly for the customer's sake.",
                    "Holding several teams to one customer goal.",
                )
            ),
            "ko": "\n".join(
                (
                    "고객 니즈를 중심으로 전문 인력을 모으는 실천",
                    "다른 전문 부서의 노하우를 주고받는 실천",
                    "고객을 위해 이견을 터놓고 말하는 실천",
                    "여러 팀이 하나의 고객 목표를 함께 책임지는 실천",
                )
            ),
        },
    ),
    (
        {
            "en": "Technology cuts coordination cost to raise efficiency, transparency and trust.",
            "ko": "기술로 조율 비용을 줄여 효율성·투명성·신뢰를 높이는 원칙",
        },
        {
            "en": "\n".join(
                (
                    "Using technology to cut the time teams spend coordinating.",
                    "Passing work between teams with little manual handling.",
                    "Letting other teams see the status of work.",
                    "Letting teams rely on the same data when they decide.",
                )
            ),
            "ko": "\n".join(
                (
                    "기술로 팀 간 조율에 드는 시간을 줄이는 실천",
                    "수작업을 줄여 팀 간 업무를 넘기는 실천",
                    "다른 팀이 업무 현황을 볼 수 있게 하는 실천",
                    "여러 팀이 같은 데이터를 믿고 결정하게 하는 실천",
                )
            ),
        },
    ),
)
FILL = """
    INSERT INTO organizations_principle (organization_id, id, number, wording, methods, version)
    SELECT o.id, gen_random_uuid(), %s, %s::jsonb, %s::jsonb, 1
      FROM organizations_organization o
        ON CONFLICT (organization_id, number) DO NOTHING
"""


def fill(_apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for number, (wording, methods) in enumerate(ORIGINALS, start=1):
            cursor.execute(FILL, [number, json.dumps(wording), json.dumps(methods)])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0003_principles")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
