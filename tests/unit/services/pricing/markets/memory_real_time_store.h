#pragma once
// The port of the real-time index's store, in memory.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "services/pricing/app/real_time.h"

namespace navkeeper::pricing {

class MemoryRealTimeStore final : public RealTimeStore {
 public:
  std::vector<StoredRealTimeFile> files() override {
    std::vector<StoredRealTimeFile> newest;
    for (const StoredRealTimeFile& file : all_files) {
      const auto same = std::find_if(newest.begin(), newest.end(), [&](const StoredRealTimeFile& other) {
        return other.file.id == file.file.id;
      });
      if (same == newest.end()) {
        newest.push_back(file);
      } else if (same->version < file.version) {
        *same = file;
      }
    }
    return newest;
  }
  std::optional<StoredRealTimeFile> file(const std::string& index, int version) override {
    for (const StoredRealTimeFile& file : all_files) {
      if (file.file.id.value() == index && file.version == version) return file;
    }
    return std::nullopt;
  }
  std::optional<RealTimeRecord> last(const std::string& index, bool with_value) override {
    const auto& kept = rows[index];
    for (auto row = kept.rbegin(); row != kept.rend(); ++row) {
      if (!with_value || row->second.value) return row->second;
    }
    return std::nullopt;
  }
  std::vector<RealTimeRecord> records(const std::string& index, time::Instant from, time::Instant to,
                                      int count_max) override {
    std::vector<RealTimeRecord> found;
    for (const auto& [at, row] : rows[index]) {
      if (at < from || to < at || found.size() == static_cast<std::size_t>(count_max)) continue;
      found.push_back(row);
    }
    return found;
  }
  std::optional<time::Instant> key_before(const std::string& index, time::Instant at) override {
    std::optional<time::Instant> key;
    for (const auto& [row_at, row] : rows[index]) {
      if (row.is_key && row_at <= at) key = row_at;
    }
    return key;
  }
  void save(std::span<const RealTimeRecord> records) override {
    for (const RealTimeRecord& record : records) rows[record.index][record.at] = record;
  }

  std::vector<StoredRealTimeFile> all_files;
  std::map<std::string, std::map<time::Instant, RealTimeRecord>> rows;
};

}  // namespace navkeeper::pricing
