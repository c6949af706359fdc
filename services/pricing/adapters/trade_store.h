#pragma once
// Imports in PostgreSQL: schema pricing, sql/pricing.
#include "common/db/pool.h"
#include "services/pricing/app/import_trades.h"

namespace navkeeper::pricing {

class SqlImportStore final : public ImportStore {
 public:
  explicit SqlImportStore(db::Pool& pool) : pool_(pool) {}
  std::optional<ImportReport> find_import(const ImportFile& file) override;
  ImportReport import(const ImportFile& file, time::Instant known_at, const std::string& actor,
                      const ReadTrades& read) override;

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::pricing
