#include "services/custody/app/advance_movements.h"

#include <algorithm>
#include <set>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;

/// A history is asked for from so long before the movement was first written down: clocks differ.
constexpr auto kBefore = time::Duration::minutes(5);

bool is_unresolved(MovementState state) {
  return state == S::kSending || state == S::kInDoubt || state == S::kRefused || state == S::kNotFound;
}

/// Where to, as a history names it.
Whereto whereto_of(const StoredMovement& stored) {
  if (stored.movement.conversion) return {stored.movement.conversion->into};
  if (!stored.destination) return {};
  return {address_with_tag(*stored.destination), stored.destination->network};
}

class Advance {
 public:
  Advance(const MovementPorts& ports, const model::FundId& fund, const std::string& actor,
          const StoredMovement& seen)
      : ports_(ports),
        fund_(fund),
        actor_(actor),
        seen_(seen),
        standing_(standing_of(seen.events)),
        line_{seen.movement.id, standing_.state, "", false, false} {}

  MovementLine send(const std::vector<StoredMovement>& all) {
    const time::Instant now = ports_.clock.now();
    if (seen_.is_destination_revoked) return withdraw("its destination was revoked");
    if (!seen_.destination_trouble.empty())
      return withdraw("its destination takes no coins now: " + seen_.destination_trouble);
    if (!seen_.lapses_at || now >= *seen_.lapses_at) return withdraw("its approvals have lapsed");
    if (!seen_.over_limits_of.empty())
      return withdraw("it is above the limits of policy " + seen_.over_limits_of +
                      ", which came in force later: propose it anew");
    std::string worth;
    if (seen_.dollar_cap && !is_worth_little_enough(now, worth)) return line_;
    CustodianInstructions& custodian = ports_.custodian(seen_.movement.custodian);
    Instruction instruction = instruction_of(seen_);
    custodian.check(instruction);
    if (const StoredMovement* other = custodian.keeps_our_ids(instruction.kind) ? nullptr : alike(all)) {
      line_.what = "waits: " + other->movement.id + " is alike and not resolved yet";
      return line_;
    }
    instruction.not_after = now + ports_.timing.signed_within;
    // Before it leaves: whoever finds this without an answer looks it up.
    if (!store({{S::kSending, "attempt " + std::to_string(standing_.attempts + 1) + worth}}, now))
      return line_;
    try {
      const Receipt receipt = custodian.tell(instruction);
      answered(custodian, {S::kSent, "answered", receipt.id, "", receipt.status, receipt.document});
    } catch (const base::Refused& refused) {
      answered(custodian, {S::kRefused, refused.what()});
    } catch (const base::InDoubt& in_doubt) {
      is_silent_ = true;
      answered(custodian, {S::kInDoubt, in_doubt.what()});
    } catch (const base::Unavailable& unavailable) {
      line_.is_unavailable = is_silent_ = true;
      answered(custodian, {S::kApprovedTwice, std::string("it did not leave: ") + unavailable.what()});
    }
    return line_;
  }

  /// Whether the custodian was asked or told and gave no answer that can be read.
  bool is_silent() const { return is_silent_; }

  MovementLine look_up() {
    CustodianInstructions& custodian = ports_.custodian(seen_.movement.custodian);
    InstructionHistory history;
    try {
      history = custodian.history(seen_.movement.kind, *standing_.first_sending_at - kBefore);
    } catch (const base::Unavailable& unavailable) {
      line_.is_unavailable = true;
      is_silent_ = true;
      return trouble(custodian, std::string("cannot be looked up: ") + unavailable.what());
    } catch (const base::Refused& refused) {
      return trouble(custodian, std::string("cannot be looked up: ") + refused.what());
    } catch (const NotBelievable& wrong) {
      return alarm({"movement_" + wrong.kind(), subject(), wrong.what()}, wrong.what(),
                   custodian.take_evidence());
    }
    const CollectedEvidence evidence = custodian.take_evidence();
    const Finding finding =
        find_movement(seen_.movement, seen_.client_id, whereto_of(seen_), standing_, history,
                      ports_.store.taken(fund_, seen_.movement.custodian, seen_.movement.id));
    if (finding.what == Finding::What::kAmbiguous)
      return alarm({"movement_ambiguous", subject(), finding.why}, finding.why, evidence);
    if (finding.what == Finding::What::kDiffers)
      return alarm({"movement_differs", subject(), finding.why}, finding.why, evidence);
    const auto changes = after_look(standing_, finding, history.as_of, ports_.timing);
    line_.needs_person = standing_.state == S::kNotFound && changes.empty();
    if (changes.empty()) {
      if (finding.what == Finding::What::kReplaced)
        return alarm({"movement_in_doubt", subject(), finding.why}, finding.why, evidence);
      if (!evidence.alarms.empty())
        ports_.store.add(fund_, seen_, {}, {}, evidence.alarms, actor_, ports_.clock.now());
      return line_;
    }
    // The answers that say so are kept with what they changed; those of a look that changed nothing are not.
    std::vector<Alarm> alarms = evidence.alarms;
    const S last = changes.back().state;
    const bool is_replaced = finding.what == Finding::What::kReplaced;
    if (last == S::kNotFound || (last == S::kInDoubt && (is_replaced || standing_.state == S::kSent)))
      alarms.push_back({"movement_" + std::string(describe(last)), subject(), changes.back().detail});
    if (!store(changes, ports_.clock.now(), evidence.raw, alarms) && is_taken_) {
      const std::string why = "the custodian's record " + changes.back().custodian_id +
                              " is it, and is taken for another movement's";
      return alarm({"movement_ambiguous", subject(), why}, why, evidence);
    }
    line_.needs_person = line_.state == S::kNotFound || is_replaced;
    return line_;
  }

 private:
  /// Whether it may leave for what it is worth now; `worth` says how much. Else it waits for a price, or was
  /// withdrawn.
  bool is_worth_little_enough(time::Instant now, std::string& worth) {
    const DollarCap& cap = *seen_.dollar_cap;
    // A clock that was set back makes no price young.
    const time::Date today = time::utc_date(std::max(now, standing_.since));
    const CoinPrice found = ports_.price ? ports_.price(seen_, today) : CoinPrice{};
    const auto price = usable_price(cap.terms, found, today, seen_.movement.asset);
    if (price.has_error()) {
      line_.is_unavailable = found.is_unavailable;
      line_.needs_person = !found.is_unavailable;
      line_.what = "waits: its amount " + price.error().rule;
      return false;
    }
    const money::Decimal dollars = dollars_of(seen_.movement.amount, price->dollars);
    worth = ", worth " + dollars.to_string() + " dollars by the official price of " + price->date.to_string();
    if (dollars <= cap.dollars_max) return true;
    withdraw("it is worth " + dollars.to_string() + " dollars by the official price of " +
             price->date.to_string() + ", above the " + cap.dollars_max.to_string() + " that policy " +
             cap.policy + " lets move at once: propose it anew");
    return false;
  }

  static Instruction instruction_of(const StoredMovement& stored) {
    const Movement& movement = stored.movement;
    Instruction instruction{movement.kind, stored.client_id, movement.account, movement.asset.value(),
                            movement.amount};
    instruction.conversion = movement.conversion;
    if (stored.destination) {
      instruction.address = stored.destination->address;
      instruction.address_tag = stored.destination->address_tag;
      instruction.network = stored.destination->network;
    }
    return instruction;
  }
  std::string subject() const { return "movement " + seen_.movement.id; }

  /// Another one that could not be told from this one, where the custodian keeps no ids of ours.
  const StoredMovement* alike(const std::vector<StoredMovement>& all) const {
    for (const StoredMovement& other : all) {
      const Movement& a = other.movement;
      const Movement& b = seen_.movement;
      if (a.id != b.id && a.kind == b.kind && a.custodian == b.custodian && a.asset == b.asset &&
          a.amount == b.amount && is_unresolved(standing_of(other.events).state))
        return &other;
    }
    return nullptr;
  }

  MovementLine withdraw(const std::string& why) {
    store({{S::kWithdrawn, why}}, ports_.clock.now());
    return line_;
  }

  /// What the custodian answered; an id that is another movement's makes it no answer.
  void answered(CustodianInstructions& custodian, const MovementChange& change) {
    const CollectedEvidence evidence = custodian.take_evidence();
    std::vector<Alarm> alarms = evidence.alarms;
    if (change.state != S::kSent && change.state != S::kApprovedTwice)
      alarms.push_back({"movement_" + std::string(describe(change.state)), subject(), change.detail});
    const time::Instant now = ports_.clock.now();
    if (store({change}, now, evidence.raw, alarms) || change.state != S::kSent || !is_taken_) return;
    store({{S::kInDoubt, "the answer names " + change.custodian_id + ", which is another movement's", "", "",
            "", change.document}},
          now, evidence.raw, alarms);
  }

  MovementLine trouble(CustodianInstructions& custodian, const std::string& why) {
    custodian.take_evidence();
    line_.what = why;
    return line_;
  }

  /// Once: the same alarm changes nothing, and its answers are not kept again.
  MovementLine alarm(Alarm raised, const std::string& why, const CollectedEvidence& evidence) {
    std::vector<Alarm> alarms = evidence.alarms;
    alarms.push_back(std::move(raised));
    ports_.store.add(fund_, seen_, {}, {}, alarms, actor_, ports_.clock.now());
    line_.needs_person = true;
    line_.what = why;
    return line_;
  }

  /// False when nothing was stored. What was stored is what the next step follows.
  bool store(const std::vector<MovementChange>& changes, time::Instant now,
             const std::vector<RawAnswer>& raw = {}, const std::vector<Alarm>& alarms = {}) {
    const Added added = ports_.store.add(fund_, seen_, changes, raw, alarms, actor_, now);
    is_taken_ = added == Added::kTaken;
    if (added == Added::kOvertaken) line_.what = "somebody else went on with it";
    if (added != Added::kAdded) return false;
    for (const MovementChange& change : changes) seen_.events.push_back({change, actor_, now});
    standing_ = standing_of(seen_.events);
    line_.state = standing_.state;
    line_.what = changes.back().detail;
    return true;
  }

  const MovementPorts& ports_;
  const model::FundId& fund_;
  const std::string& actor_;
  StoredMovement seen_;
  MovementStanding standing_;
  MovementLine line_;
  bool is_taken_ = false;
  bool is_silent_ = false;
};

}  // namespace

void require_match(CustodianInstructions& custodian, const StoredMovement& stored,
                   const std::string& custodian_id) {
  const auto since = standing_of(stored.events).first_sending_at;
  if (!since) base::refuse("movement " + stored.movement.id, "was never sent: no record is it");
  const InstructionHistory history = custodian.history(stored.movement.kind, *since - kBefore);
  custodian.take_evidence();
  const auto checked =
      check_match(stored.movement, stored.client_id, whereto_of(stored), history, custodian_id);
  if (checked.has_error()) throw base::Refused(checked.error());
}

std::vector<MovementLine> advance_movements(const MovementPorts& ports, const model::FundId& fund,
                                            const std::string& actor) {
  std::vector<MovementLine> lines;
  std::set<std::string> silent;  // custodians that gave no answer in this pass: asked again in the next one
  std::vector<StoredMovement> ids = ports.store.open(fund);
  // What is to be sent waits for nobody who is looked up.
  std::stable_partition(ids.begin(), ids.end(), [&](const StoredMovement& one) {
    return next_step(standing_of(one.events), ports.clock.now(), ports.timing) == MovementStep::kSend;
  });
  for (const StoredMovement& one : ids) {
    // Read again: what was sent before in this pass counts for those alike.
    const std::vector<StoredMovement> all = ports.store.open(fund);
    const auto stored = std::find_if(all.begin(), all.end(), [&](const StoredMovement& other) {
      return other.movement.id == one.movement.id;
    });
    if (stored == all.end()) continue;  // ended meanwhile
    const MovementStep step = next_step(standing_of(stored->events), ports.clock.now(), ports.timing);
    if (step == MovementStep::kNothing) continue;
    if (silent.contains(stored->movement.custodian)) {
      lines.push_back({stored->movement.id, standing_of(stored->events).state,
                       "waits: " + stored->movement.custodian + " did not answer just now", false, true});
      continue;
    }
    if (step == MovementStep::kLookUp && ports.is_due && !ports.is_due(*stored)) continue;
    Advance advance(ports, fund, actor, *stored);
    try {
      lines.push_back(step == MovementStep::kSend ? advance.send(all) : advance.look_up());
      if (advance.is_silent()) silent.insert(stored->movement.custodian);
    } catch (const base::Refused& refused) {  // not configured, or never taken by the custodian
      lines.push_back({stored->movement.id, standing_of(stored->events).state, refused.what(), true, false});
    }
  }
  return lines;
}

}  // namespace navkeeper::custody
