#include "services/custody/domain/coin_movement.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

namespace navkeeper::custody {
namespace {

bool is_before(const CoinMovement& a, const CoinMovement& b) {
  return std::tie(a.date, a.source, a.id, a.amount) < std::tie(b.date, b.source, b.id, b.amount);
}

bool same_direction(const CoinMovement& a, const CoinMovement& b) {
  return a.amount.is_negative() == b.amount.is_negative();
}

bool same_amount(const CoinMovement& a, const CoinMovement& b) {
  return a.effect() == b.effect() || a.amount == b.amount || a.amount == b.effect() || a.effect() == b.amount;
}

std::int64_t days_apart(const CoinMovement& a, const CoinMovement& b) { return std::abs(a.date - b.date); }

/// What could be paired, better ones first.
struct Candidate {
  bool is_equal;  ///< in effect: nothing remains of the pair
  std::int64_t days;
  std::size_t booked;
  std::size_t kept;
  auto rank() const { return std::tuple(!is_equal, days, booked, kept); }
};

void take_best(std::vector<Candidate> candidates, std::vector<bool>& booked_taken,
               std::vector<bool>& kept_taken, const std::vector<CoinMovement>& booked,
               const std::vector<CoinMovement>& kept, bool by_reference, MovementMatch& match) {
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.rank() < b.rank(); });
  for (const Candidate& one : candidates) {
    if (booked_taken[one.booked] || kept_taken[one.kept]) continue;
    booked_taken[one.booked] = kept_taken[one.kept] = true;
    match.pairs.push_back({booked[one.booked], kept[one.kept], by_reference});
  }
}

}  // namespace

bool share_reference(const CoinMovement& a, const CoinMovement& b) {
  for (const std::string& one : a.references) {
    if (!one.empty() && std::find(b.references.begin(), b.references.end(), one) != b.references.end())
      return true;
  }
  return false;
}

bool may_be_same(const CoinMovement& a, const CoinMovement& b, int days_max) {
  if (!same_direction(a, b)) return false;
  return share_reference(a, b) || (same_amount(a, b) && days_apart(a, b) <= days_max);
}

int take_days_together(MovementMatch& match) {
  struct Day {
    money::Decimal apart;  ///< kept less booked
    bool is_booked = false;
    bool is_kept = false;
  };
  const auto key_of = [](const CoinMovement& one) { return std::pair(one.date, one.amount.is_negative()); };
  std::map<std::pair<time::Date, bool>, Day> days;
  for (const CoinMovement& one : match.booked_only) {
    Day& day = days[key_of(one)];
    day.is_booked = true;
    day.apart -= one.effect();
  }
  for (const CoinMovement& one : match.kept_only) {
    Day& day = days[key_of(one)];
    day.is_kept = true;
    day.apart += one.effect();
  }
  const auto is_together = [&](const CoinMovement& one) {
    const Day& day = days.at(key_of(one));
    return day.is_booked && day.is_kept && day.apart.is_zero();
  };
  std::erase_if(match.kept_only, is_together);
  return static_cast<int>(std::erase_if(match.booked_only, is_together));
}

MovementMatch match_movements(std::vector<CoinMovement> booked, std::vector<CoinMovement> kept,
                              int days_max) {
  std::sort(booked.begin(), booked.end(), is_before);
  std::sort(kept.begin(), kept.end(), is_before);
  std::vector<bool> booked_taken(booked.size());
  std::vector<bool> kept_taken(kept.size());
  MovementMatch match;
  std::multimap<std::string, std::size_t> by_reference;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    for (const std::string& reference : kept[k].references) {
      if (!reference.empty()) by_reference.emplace(reference, k);
    }
  }
  std::vector<Candidate> candidates;
  for (std::size_t b = 0; b < booked.size(); ++b) {
    for (const std::string& reference : booked[b].references) {
      const auto [begin, end] = by_reference.equal_range(reference);
      for (auto it = begin; it != end; ++it) {
        const CoinMovement& other = kept[it->second];
        if (same_direction(booked[b], other))
          candidates.push_back(
              {booked[b].effect() == other.effect(), days_apart(booked[b], other), b, it->second});
      }
    }
  }
  take_best(std::move(candidates), booked_taken, kept_taken, booked, kept, true, match);
  candidates.clear();
  std::multimap<money::Decimal, std::size_t> by_amount;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (kept_taken[k]) continue;
    by_amount.emplace(kept[k].effect(), k);
    if (!kept[k].fee.is_zero()) by_amount.emplace(kept[k].amount, k);
  }
  for (std::size_t b = 0; b < booked.size(); ++b) {
    if (booked_taken[b]) continue;
    const auto [begin, end] = by_amount.equal_range(booked[b].effect());
    for (auto it = begin; it != end; ++it) {
      const CoinMovement& other = kept[it->second];
      const std::int64_t days = days_apart(booked[b], other);
      if (days <= days_max && same_direction(booked[b], other))
        candidates.push_back({booked[b].effect() == other.effect(), days, b, it->second});
    }
  }
  take_best(std::move(candidates), booked_taken, kept_taken, booked, kept, false, match);
  for (std::size_t b = 0; b < booked.size(); ++b) {
    if (!booked_taken[b]) match.booked_only.push_back(booked[b]);
  }
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (!kept_taken[k]) match.kept_only.push_back(kept[k]);
  }
  return match;
}

}  // namespace navkeeper::custody
