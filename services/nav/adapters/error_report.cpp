#include "services/nav/adapters/error_report.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

constexpr int kPerShareShown = 6;
constexpr int kPercentShown = 4;
constexpr std::size_t kHashShown = 12;
constexpr int kVersionMax = 1'000'000;

std::string per_share(const money::Rational& value) {
  return value.to_fixed(kPerShareShown, money::Rounding::kHalfEven);
}

void write_day(json::Writer& writer, const DayError& one) {
  const ComparedDay& day = one.day;
  writer.begin_object()
      .member("date", day.date.to_string())
      .member("was_published", day.was_published)
      .member("published_version", day.wrong_version)
      .member("correct_version", day.correct_version)
      .member("published", day.wrong.to_unrounded_string())
      .member("correct", one.correct.to_unrounded_string())
      .member("difference", per_share(one.difference))
      .member("difference_percent", (one.relative * money::Rational(money::Decimal::of(100)))
                                        .to_fixed(kPercentShown, money::Rounding::kHalfEven))
      .member("severity", describe(one.severity))
      .member("shares", day.shares);
  if (day.wrong_shares) writer.member("published_shares", *day.wrong_shares);
  if (!day.lacks.is_zero()) writer.member("lacks", day.lacks);
  writer.member("net_assets_difference", one.net_assets)
      .member("expenses_difference", one.expenses)
      .key("orders")
      .begin_array();
  for (const OrderEffect& effect : one.orders) {
    writer.begin_object()
        .member("order", effect.order.id)
        .member("participant", effect.order.participant)
        .member("side", describe(effect.order.side))
        .member("shares", effect.order.shares)
        .member("effect_on_fund", effect.effect)
        .member("corrected", effect.order.corrected)
        .member("treatment", describe(effect.treatment));
    if (effect.order.owed_version)
      writer.member("dealt_version", effect.order.dealt_version)
          .member("owed_version", *effect.order.owed_version);
    writer.end_object();
  }
  writer.end_array().end_object();
}

}  // namespace

std::string error_report_json(const model::FundId& fund, const ErrorReport& report) {
  json::Writer writer;
  writer.begin_object()
      .member("document", "navkeeper.nav_error.v1")
      .member("fund", fund.value())
      .member("severity", describe(report.severity));
  writer.key("first");
  if (report.first)
    writer.string(report.first->to_string());
  else
    writer.null();
  writer.key("last");
  if (report.last)
    writer.string(report.last->to_string());
  else
    writer.null();
  writer.key("days").begin_array();
  for (const DayError& day : report.days) write_day(writer, day);
  writer.end_array()
      .member("gains", report.gains)
      .member("losses", report.losses)
      .member("net", report.net)
      .member("kept_by_fund", report.kept)
      .member("compensated_to_fund", report.compensated)
      .member("reprocessed", report.reprocessed)
      .end_object();
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

std::string error_report_text(const StoredErrorReport& stored) {
  using Align = runtime::Align;
  const json::Value value = base::value_or_refuse(json::parse(stored.content));
  json::ObjectReader reader(value);
  const std::string severity = reader.string("severity");
  std::string text = "NAV error report " + std::to_string(stored.number) + " of " + reader.string("fund") +
                     ", made by " + stored.made_by.value() + " at " + stored.made_at.to_string() +
                     ", content " + stored.hash.substr(0, kHashShown) + "\n";
  if (severity == "none") {
    text += "No day of the period differs by as much as an error.\n";
  } else {
    text += "Severity " + severity + ", error period " + reader.string("first") + " to " +
            reader.string("last") + ".\n";
  }
  runtime::Table days({{"date"},
                       {"published", Align::kRight},
                       {"correct", Align::kRight},
                       {"apart", Align::kRight},
                       {"percent", Align::kRight},
                       {"severity"},
                       {"net assets", Align::kRight},
                       {"expenses", Align::kRight}});
  runtime::Table orders({{"date"},
                         {"order"},
                         {"participant"},
                         {"side"},
                         {"shares", Align::kRight},
                         {"fund gained (-: lost)", Align::kRight},
                         {"corrected before", Align::kRight},
                         {"treatment"}});
  std::string owed;
  for (const json::Place& place : reader.array("days")) {
    json::ObjectReader day(place);
    const std::string date = day.string("date");
    const auto cut = [](const std::string& unrounded) {
      return unrounded.substr(0, unrounded.find('.') + 7);
    };
    days.row({date, cut(day.string("published")), cut(day.string("correct")), day.string("difference"),
              day.string("difference_percent"), day.string("severity"),
              grouped(day.decimal("net_assets_difference"), kDollarDecimals),
              grouped(day.decimal("expenses_difference"), kDollarDecimals)});
    if (const auto published = day.optional_decimal("published_shares"))
      owed += date + " was published with " + grouped(published->to_string()) +
              " shares, the correct NAV has " + grouped(day.decimal("shares").to_string()) + ".\n";
    if (const auto lacks = day.optional_decimal("lacks"))
      owed += "The correct NAV of " + date + " counts " + grouped(*lacks, kDollarDecimals) +
              " dollars that came late and are booked after it.\n";
    for (const json::Place& order_place : day.array("orders")) {
      json::ObjectReader order(order_place);
      // Reports of before had no corrections.
      const money::Decimal corrected = order.optional_decimal("corrected").value_or(money::Decimal{});
      orders.row({date, order.string("order"), order.string("participant"), order.string("side"),
                  grouped(order.decimal("shares").to_string()),
                  grouped(order.decimal("effect_on_fund"), kDollarDecimals),
                  grouped(corrected, kDollarDecimals), order.string("treatment")});
      if (!order.has("owed_version")) continue;
      owed += "Order " + order.string("order") + " stands at version " +
              std::to_string(order.integer("dealt_version", 1, kVersionMax)) + " of " + date +
              ", which nobody published: it is owed version " +
              std::to_string(order.integer("owed_version", 1, kVersionMax)) + ".\n";
    }
  }
  text += "\n" + days.to_string();
  if (orders.rows() > 0) text += "\n" + orders.to_string();
  text += owed;
  const auto dollars = [&](const char* key) { return grouped(reader.decimal(key), kDollarDecimals); };
  text += "\nNetted orders: the fund gained " + dollars("gains") + " and lost " + dollars("losses") +
          " dollars, net " + dollars("net") + ".\nThe fund keeps " + dollars("kept_by_fund") +
          "; who is responsible pays the fund " + dollars("compensated_to_fund") +
          "; orders dealt anew move " + dollars("reprocessed") + ".\n";
  return text;
}

}  // namespace navkeeper::nav
