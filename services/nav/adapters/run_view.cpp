#include "services/nav/adapters/run_view.h"

#include <algorithm>
#include <array>
#include <map>

#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {

using Align = runtime::Align;

namespace {

constexpr std::size_t kRowsMax = 60;
constexpr std::array kOutcomes{RunOutcome::kStruck,      RunOutcome::kUnchanged, RunOutcome::kRefused,
                               RunOutcome::kUnavailable, RunOutcome::kWaiting,   RunOutcome::kClosed,
                               RunOutcome::kOpen};

int count(const std::vector<RunLine>& lines, RunOutcome outcome) {
  return static_cast<int>(std::count_if(lines.begin(), lines.end(),
                                        [&](const RunLine& line) { return line.outcome == outcome; }));
}

void write_line(json::Writer& writer, const RunLine& line) {
  writer.begin_object()
      .member("fund", line.fund.value())
      .member("date", line.date.to_string())
      .member("outcome", describe(line.outcome));
  if (!line.message.empty()) writer.member("message", line.message);
  if (line.nav)
    writer.member("state", describe(line.nav->state()))
        .member("version", line.nav->summary.version)
        .member("nav_per_share", line.nav->summary.nav_per_share)
        .member("net_assets", line.nav->summary.net_assets)
        .member("document_hash", line.nav->document_hash);
  writer.end_object();
}

std::string counts_of(const std::vector<RunLine>& lines) {
  const int open = count(lines, RunOutcome::kOpen);
  if (count(lines, RunOutcome::kUnchanged) + open == static_cast<int>(lines.size()))
    return "Nothing changed: every NAV had been struck from the same inputs" +
           (open == 0 ? "" : "; " + std::to_string(open) + " of earlier runs wait for people") + ".\n";
  std::string text = std::to_string(count(lines, RunOutcome::kStruck)) + " struck, " +
                     std::to_string(count(lines, RunOutcome::kUnchanged)) + " unchanged, " +
                     std::to_string(count(lines, RunOutcome::kRefused)) + " refused, " +
                     std::to_string(count(lines, RunOutcome::kUnavailable)) + " unavailable";
  for (const RunOutcome outcome : {RunOutcome::kWaiting, RunOutcome::kClosed, RunOutcome::kOpen}) {
    if (const int some = count(lines, outcome); some > 0)
      text += ", " + std::to_string(some) + " " + std::string(describe(outcome));
  }
  return text + "\n";
}

/// Of what waits for approval or publication the first of each kind stands for the others.
std::string to_do_of(const std::vector<RunLine>& lines) {
  const std::vector<NextStep> steps = next_steps(lines);
  if (steps.empty()) return "";
  std::string text = "\nWhat it needs now:\n";
  std::size_t shown = 0;
  for (const NextStep& step : steps) {
    if (++shown > kRowsMax) {
      text += "  and " + std::to_string(steps.size() - kRowsMax) + " more: nav run --json lists them all\n";
      break;
    }
    text += "  " + step.fund.value() + " " + step.date.to_string() + ", " + step.who + ": " + step.what +
            "\n      " + step.command + "\n";
  }
  return text;
}

}  // namespace

std::string run_json(const std::vector<RunLine>& lines) {
  json::Writer writer;
  writer.begin_object().key("runs").begin_array();
  for (const RunLine& line : lines) write_line(writer, line);
  writer.end_array().key("to_do").begin_array();
  for (const NextStep& step : next_steps(lines))
    writer.begin_object()
        .member("fund", step.fund.value())
        .member("date", step.date.to_string())
        .member("who", step.who)
        .member("what", step.what)
        .member("command", step.command)
        .end_object();
  writer.end_array();
  for (const RunOutcome outcome : kOutcomes) writer.member(describe(outcome), count(lines, outcome));
  writer.end_object();
  return writer.take();
}

std::string run_table(const std::vector<RunLine>& lines) {
  runtime::Table table({{"fund"},
                        {"date"},
                        {"outcome"},
                        {"NAV per share", Align::kRight},
                        {"net assets", Align::kRight},
                        {"state"}});
  std::string messages;
  std::size_t shown = 0;
  for (const RunLine& line : lines) {
    if (++shown > kRowsMax) break;
    table.row({line.fund.value(), line.date.to_string(), std::string(describe(line.outcome)),
               line.nav ? grouped(line.nav->summary.nav_per_share, kPerShareDecimals) : "",
               line.nav ? grouped(line.nav->summary.net_assets, kDollarDecimals) : "",
               line.nav ? std::string(describe(line.nav->state())) : ""});
    if (line.outcome == RunOutcome::kClosed)
      messages += line.fund.value() + " " + line.date.to_string() + " ";
    // What somebody is to do stands below, with the command.
    if (!line.message.empty() && line.who.empty()) messages += line.message + "\n";
  }
  if (lines.size() > kRowsMax)
    messages += std::to_string(lines.size() - kRowsMax) + " lines more: nav run --json has them all\n";
  return table.to_string() + messages + counts_of(lines) + to_do_of(lines);
}

}  // namespace navkeeper::nav
