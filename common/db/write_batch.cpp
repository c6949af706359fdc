#include "common/db/write_batch.h"

#include <libpq-fe.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/db/connection.h"

namespace navkeeper::db {
namespace {

/// Statements sent before an answer is read: their answers must fit into what the socket holds.
constexpr std::size_t kStatementsAtOnce = 250;

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Result next_result(PGconn* handle) { return {PQgetResult(handle), &PQclear}; }

/// Statements are sent without waiting, and answered in order. Leaves the connection as it was found.
class Pipeline {
 public:
  explicit Pipeline(Connection& connection) : connection_(connection), handle_(connection.handle()) {
    if (handle_ == nullptr) throw base::Unavailable("database: the connection is closed");
    if (PQenterPipelineMode(handle_) != 1) fail();
  }
  ~Pipeline() {
    if (!awaited_.empty()) is_synced_ = PQpipelineSync(handle_) == 1;
    read_answers();
    PQexitPipelineMode(handle_);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void send(const std::string& sql, const std::vector<std::optional<std::string>>& values) {
    std::vector<const char*> texts;
    texts.reserve(values.size());
    for (const auto& value : values) texts.push_back(value ? value->c_str() : nullptr);
    const int count = static_cast<int>(texts.size());
    const std::optional<std::string> name = name_of(sql);
    const int sent =
        name ? PQsendQueryPrepared(handle_, name->c_str(), count, texts.data(), nullptr, nullptr, 0)
             : PQsendQueryParams(handle_, sql.c_str(), count, nullptr, texts.data(), nullptr, nullptr, 0);
    if (sent != 1) fail();
    awaited_.push_back({&sql, false});
  }

  /// Throws what the first statement that failed was answered.
  void finish() {
    if (PQpipelineSync(handle_) != 1) fail();
    is_synced_ = true;
    read_answers();
    if (error_) mapped([&] { throw pqxx::sql_error(*error_); });
  }

 private:
  struct Awaited {
    const std::string* sql;
    bool is_preparation;
  };

  /// Of the prepared statement, prepared by now or in this pipeline; nothing where there are too many.
  std::optional<std::string> name_of(const std::string& sql) {
    if (const auto known = connection_.planned().find(sql); known != connection_.planned().end())
      return known->second;
    if (const auto fresh = fresh_.find(sql); fresh != fresh_.end()) return fresh->second;
    const std::size_t number = connection_.planned().size() + fresh_.size();
    if (number >= Connection::kPlannedMax) return std::nullopt;
    const std::string name = "batch_" + std::to_string(number);
    if (PQsendPrepare(handle_, name.c_str(), sql.c_str(), 0, nullptr) != 1) fail();
    awaited_.push_back({&sql, true});
    return fresh_.emplace(sql, name).first->second;
  }

  void read_answers() {
    for (; !awaited_.empty() && is_synced_; awaited_.pop_front()) {
      while (const Result result = next_result(handle_)) {
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
          const std::string& sql = *awaited_.front().sql;
          if (awaited_.front().is_preparation) connection_.planned().emplace(sql, fresh_.at(sql));
        } else if (status != PGRES_PIPELINE_ABORTED && !error_) {
          error_.emplace(PQresultErrorMessage(result.get()), *awaited_.front().sql,
                         PQresultErrorField(result.get(), PG_DIAG_SQLSTATE));
        }
      }
    }
    if (is_synced_) next_result(handle_);  // of the sync
    is_synced_ = false;
  }

  [[noreturn]] void fail() const {
    throw base::Unavailable(std::string("database: ") + PQerrorMessage(handle_));
  }

  Connection& connection_;
  PGconn* handle_;
  std::map<std::string, std::string> fresh_;  ///< prepared in this pipeline, by text
  std::deque<Awaited> awaited_;
  bool is_synced_ = false;
  std::optional<pqxx::sql_error> error_;
};

}  // namespace

std::string WriteBatch::quoted(const std::string& text) {
  return mapped([&] { return pqxx_of(transaction_).quote(text); });
}

void WriteBatch::run() {
  const std::vector<Statement> statements = std::move(statements_);
  statements_.clear();
  Connection& connection = transaction_.implementation().borrowed->connection();
  for (std::size_t begin = 0; begin < statements.size(); begin += kStatementsAtOnce) {
    Pipeline pipeline(connection);
    for (std::size_t i = begin; i < std::min(statements.size(), begin + kStatementsAtOnce); ++i)
      pipeline.send(statements[i].sql, statements[i].values);
    pipeline.finish();
  }
}

void ArrayText::add(std::string_view element) {
  text_ += empty() ? "\"" : ",\"";
  for (const char c : element) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

}  // namespace navkeeper::db
