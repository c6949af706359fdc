#include "services/staking/adapters/plan_candidates_json.h"

namespace navkeeper::staking {

void write_candidates(json::Writer& writer, const PlanRequest& request,
                      const std::optional<ValidatorSet>& validators, const MadePlan& made) {
  writer.key("validator_set");
  if (validators) {
    writer.begin_object()
        .member("source", validators->source)
        .member("height", std::to_string(validators->mark.height))
        .member("root", validators->mark.root.value())
        .member("at", validators->mark.at.to_string())
        .member("slashes_since", validators->history_since.to_string())
        .end_object();
  } else {
    writer.null();
  }
  writer.key("candidates").begin_array();
  for (const SaidCandidate& each : made.candidates) {
    const plan::Candidate& one = each.candidate;
    writer.begin_object()
        .member("place", one.place)
        .member("owner", one.owner)
        .member("current", one.current)
        .member("tokens", one.tokens);
    if (one.tokens_max) writer.member("tokens_max", *one.tokens_max);
    writer.member("gross_rate", one.gross_rate)
        .member("commission", one.commission)
        .member("uptime", one.uptime)
        .member("slashes", one.slashes)
        .member("slash_fraction", one.slash_fraction)
        .member("observed_days", one.observed_days)
        .member("jailed", one.jailed)
        .member("tombstoned", one.tombstoned)
        .member("bonded", one.bonded);
    if (one.entries_left)
      writer.member("entries_left", static_cast<std::int64_t>(*one.entries_left))
          .member("entry_wait_days", one.entry_wait_days);
    writer.member("read", each.is_read).key("said").begin_array();
    for (const std::string& field : each.said) writer.string(field);
    writer.end_array().end_object();
  }
  writer.end_array().key("tokens").begin_array();
  for (const plan::TokenCandidate& one : request.tokens) {
    writer.begin_object()
        .member("token", one.token)
        .member("issuer", one.issuer)
        .member("net_rate", one.net_rate);
    const auto read = request.token_rates_read.find(one.token);
    if (read != request.token_rates_read.end()) writer.member("net_rate_read", read->second);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace navkeeper::staking
