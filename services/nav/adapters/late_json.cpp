#include "services/nav/adapters/late_json.h"

namespace navkeeper::nav {

void write_late(json::Writer& out, const LateReport& report) {
  out.member("late", static_cast<std::int64_t>(report.late)).key("nav_error");
  if (!report.error_from) {
    out.null();
    return;
  }
  out.begin_object()
      .member("from", report.error_from->to_string())
      .member("per_share", report.error_per_share);
  out.member("through", report.error_through->to_string()).end_object();
}

std::string late_text(const model::FundId& fund, const LateReport& report, bool is_correction) {
  if (report.late == 0) return "";
  const std::string moved =
      report.moved == 0 ? ""
                        : " " + std::to_string(report.moved) + " that came before as less than an error " +
                              (report.moved == 1 ? "is" : "are") + " a part of it and moved to its days.";
  if (report.again_from) {
    const std::string first = report.again_from->to_string();
    return std::to_string(report.late) + " came late, of days that are struck again anyway: booked there, " +
           "with it they are less than a NAV error apart." + moved + " navkeeper nav restate " +
           fund.value() + " " + first + " --through " + report.again_through->to_string() +
           " --reason WHY --as MAKER (days that nobody published: navkeeper nav run --date " + first +
           " --fund " + fund.value() + " --again WHY --as MAKER, and so on).\n";
  }
  if (!report.error_from && is_correction)
    return "Struck NAVs had it, less than a NAV error: what is published stays and the next NAV has the "
           "correction; what is not yet published is struck again first (navkeeper nav run --again).\n";
  if (!report.error_from)
    return std::to_string(report.late) +
           " came late, less than a NAV error: what was struck stays and the next NAV has it.\n";
  const std::string from = report.error_from->to_string();
  const std::string through = report.error_through->to_string();
  return "A NAV error of " + from + " to " + through + ", " + report.error_per_share.to_string() +
         " dollars a share: navkeeper nav restate " + fund.value() + " " + from + " --through " + through +
         " --reason WHY --as MAKER (days that nobody published: navkeeper nav run --date " + from +
         " --fund " + fund.value() + " --again WHY --as MAKER, and so on)." + moved + "\n";
}

}  // namespace navkeeper::nav
