"""The addresses of cycles and rubrics."""

from django.urls import URLPattern, path

from assessments.views import cycles, imports, my_surveys, rubrics, survey, survey_devices

app_name = "assessments"
urlpatterns: list[URLPattern] = [
    path("cycles/", cycles.cycle_list, name="cycles"),
    path("cycles/plan/", cycles.plan, name="cycle_plan"),
    path("cycles/import/", imports.import_page, name="cycle_import"),
    path("cycles/import/<slug:rubric>.csv", imports.import_template, name="import_template"),
    path("cycles/<uuid:cycle>/", cycles.cycle_detail, name="cycle"),
    path("cycles/<uuid:cycle>/edit/", cycles.edit, name="cycle_edit"),
    path("cycles/<uuid:cycle>/open/", cycles.cycle_open, name="cycle_open"),
    path("cycles/<uuid:cycle>/confirm/", cycles.confirm_groups, name="cycle_confirm"),
    path("cycles/<uuid:cycle>/remind/", cycles.remind, name="cycle_remind"),
    path("cycles/<uuid:cycle>/invite-again/", cycles.invite_again, name="cycle_invite_again"),
    path("cycles/<uuid:cycle>/send-link/", cycles.send_link, name="cycle_send_link"),
    path("cycles/<uuid:cycle>/close/", cycles.close, name="cycle_close"),
    path("cycles/<uuid:cycle>/delete/", cycles.discard, name="cycle_discard"),
    path("cycles/<uuid:cycle>/take-back/", imports.take_back_import, name="import_take_back"),
    path("me/", my_surveys.survey_list, name="mine"),
    path("surveys/<uuid:cycle>/", survey.survey, name="survey"),
    path("surveys/<uuid:cycle>/answer/", survey.answer, name="survey_answer"),
    path("surveys/<uuid:cycle>/consent/", survey.consent, name="survey_consent"),
    path("surveys/<uuid:cycle>/submit/", survey.submit, name="survey_submit"),
    path("surveys/<uuid:cycle>/withdraw/", survey.withdraw, name="survey_withdraw"),
    path("surveys/<uuid:cycle>/leave/", survey_devices.forget_device, name="survey_leave"),
    path("surveys/<uuid:cycle>/device/", survey_devices.show_code, name="survey_show_code"),
    path("surveys/<uuid:cycle>/code/", survey_devices.enter_code, name="survey_enter_code"),
    path("rubrics/", rubrics.rubric_list, name="rubrics"),
    path("rubrics/<slug:rubric>/main/", rubrics.make_main, name="rubric_main"),
    path("rubrics/upload/", rubrics.upload, name="rubric_upload"),
    path("rubrics/naite/<slug:rubric>/", rubrics.built_in_detail, name="rubric_built_in"),
    path(
        "rubrics/naite/<slug:rubric>/preview/",
        rubrics.preview_built_in,
        name="rubric_preview_along",
    ),
    path("rubrics/naite/<slug:rubric>.yaml", rubrics.download_built_in, name="rubric_file_along"),
    path("rubrics/naite/<slug:rubric>/renew/", rubrics.publish_built_in, name="rubric_renew"),
    path("rubrics/<uuid:edition>/", rubrics.edition_detail, name="rubric_edition"),
    path("rubrics/<uuid:edition>/preview/", rubrics.preview, name="rubric_preview"),
    path("rubrics/<uuid:edition>.yaml", rubrics.download, name="rubric_file"),
    path("rubrics/<uuid:edition>/publish/", rubrics.publish, name="rubric_publish"),
    path("rubrics/<uuid:edition>/discard/", rubrics.discard, name="rubric_discard"),
]
