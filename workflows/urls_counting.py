"""URLs of stocktakes: the list, plans, the board, counting on phone and desk, differences, accuracy."""

from django.urls import path

from workflows.views.counting import board, count, desk, judge, limits, paper, plan

_ONE = "counting/<uuid:key>/"
urlpatterns = [
    path("counting/", plan.listing, name="counting"),
    path("counting/new/", plan.new, name="counting_new"),
    path("counting/tolerances/", limits.tolerances, name="counting_tolerances"),
    path("counting/accuracy/", judge.accuracy, name="counting_accuracy"),
    path(_ONE, board.board, name="counting_board"),
    path(f"{_ONE}plan/", plan.edit, name="counting_plan"),
    path(f"{_ONE}seal/", plan.seal, name="counting_seal"),
    path(f"{_ONE}assign/", board.assign, name="counting_assign"),
    path(f"{_ONE}finish/", board.finish, name="counting_finish"),
    path(f"{_ONE}count/", count.page, name="counting_count"),
    path(f"{_ONE}count/lines/", count.lines, name="counting_lines"),
    path(f"{_ONE}count/send/", count.send, name="counting_send"),
    path(f"{_ONE}count/empty/", count.empty, name="counting_empty"),
    path(f"{_ONE}count/found/", count.found, name="counting_found"),
    path(f"{_ONE}sheet/<int:number>/", desk.sheet, name="counting_sheet"),
    path(f"{_ONE}print/", paper.paper_sheets, name="counting_print"),
    path(f"{_ONE}variance/", judge.variance, name="counting_variance"),
    path(f"{_ONE}variance/cause/", judge.cause, name="counting_cause"),
    path(f"{_ONE}variance/again/", judge.again, name="counting_again"),
    path(f"{_ONE}variance/moved/<str:line>/", judge.moved, name="counting_moved"),
]
