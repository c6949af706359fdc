#include "services/nav/adapters/staking_view.h"

#include "common/json/write.h"

namespace navkeeper::nav {
namespace {

constexpr int kTrueUpDecimals = 6;

std::string per_share(const DayEffect& day) {
  return day.per_share.to_fixed(kTrueUpDecimals, money::Rounding::kHalfEven);
}

std::int64_t count(std::size_t some) { return static_cast<std::int64_t>(some); }

}  // namespace

std::string staking_taken_json(const model::FundId& fund, time::Date date, const StakingTaken& taken) {
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", date.to_string())
      .member("kept", count(taken.kept))
      .member("events", count(taken.events))
      .member("recorded", count(taken.facts))
      .member("late", count(taken.late))
      .member("in_opening", count(taken.in_opening))
      .key("cut_offs")
      .begin_array();
  for (const StakingCutOff& one : taken.cut_offs)
    writer.begin_object()
        .member("chain", one.chain)
        .member("source", one.source)
        .member("height", std::to_string(one.height))
        .member("root", one.root)
        .member("at", one.at.to_string())
        .end_object();
  writer.end_array().key("true_up").begin_array();
  for (const DayEffect& day : taken.true_up.days)
    writer.begin_object()
        .member("date", day.date.to_string())
        .member("per_share", per_share(day))
        .member("error", day.is_error)
        .end_object();
  return writer.end_array().end_object().take();
}

std::string staking_taken_text(const model::FundId& fund, time::Date date, const StakingTaken& taken) {
  const std::string name = fund.value() + " " + date.to_string() + ": ";
  if (taken.cut_offs.empty()) return name + "staking tells of nothing up to then\n";
  std::string text = name + std::to_string(taken.events) + " events, " + std::to_string(taken.facts) +
                     " facts recorded; the books have\n";
  for (const StakingCutOff& one : taken.cut_offs)
    text += "  " + one.source + " up to " + one.at.to_string() +
            (one.height == 0 ? "" : ", height " + std::to_string(one.height)) + "\n";
  if (taken.in_opening > 0)
    text += std::to_string(taken.in_opening) +
            " events lie before the day on which the books open: they are the opening entries'\n";
  if (taken.late == 0) return text;
  text += std::to_string(taken.late) + " facts came late:\n";
  for (const DayEffect& day : taken.true_up.days)
    text += "  " + day.date.to_string() + " " + per_share(day) + " a share" +
            (day.is_error ? ", a NAV error: navkeeper nav restate " + fund.value() + " " +
                                day.date.to_string() + " --reason WHY --as MAKER"
                          : ", in the next NAV") +
            "\n";
  return text;
}

}  // namespace navkeeper::nav
