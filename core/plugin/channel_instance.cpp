#include "plugin/channel_instance.hpp"

#include <algorithm>
#include <utility>

#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

leadhub_string to_abi(std::string_view text) {
  return {text.data(), text.size()};
}

/// Gathers what check() reports; at most limits::diagnostics_max, because nobody reads more.
struct DiagnosticCollector {
  std::vector<ConfigDiagnostic> found;
  std::string complaint;

  static std::string taken(leadhub_string text) {
    if (text.data == nullptr) return {};
    // More than is shown, so that a secret at the end is still whole when it is looked for.
    return {text.data, std::min<std::size_t>(text.size, 2 * limits::plugin_text_bytes_max)};
  }

  static void take(const leadhub_diagnostic_sink* sink, leadhub_string pointer,
                   leadhub_string message) noexcept {
    auto& self = *static_cast<DiagnosticCollector*>(sink->context);
    try {
      if ((pointer.data == nullptr && pointer.size > 0) || message.data == nullptr || message.size == 0)
        self.complaint = "reported a diagnostic whose text is a null pointer or empty";
      else if (self.found.size() < limits::diagnostics_max)
        self.found.push_back({taken(pointer), taken(message)});
    } catch (...) {  // out of memory: the diagnostics so far still help
    }
  }
};

}  // namespace

ChannelInstance::ChannelInstance(const Module& module, std::string name, PluginConfig config,
                                 const HostServices& services)
    : context_(std::move(name), std::move(config), module.descriptor().hosts, services),
      who_("channel \"" + context_.channel() + "\" (plugin " + module.descriptor().id + ")") {}

Result<std::unique_ptr<ChannelInstance>> ChannelInstance::create(const Module& module, std::string name,
                                                                 std::string_view config,
                                                                 const HostServices& services) {
  auto prepared = prepare_config(module.descriptor().config_schema, config, services.folder);
  if (!prepared) return fail(prepared.error().code, "channel \"" + name + "\": " + prepared.error().message);
  std::unique_ptr<ChannelInstance> instance{
      new ChannelInstance{module, std::move(name), *std::move(prepared), services}};
  if (auto made = instance->make(module); !made) return std::unexpected(made.error());
  return instance;
}

Result<void> ChannelInstance::make(const Module& module) {
  auto error = empty_error();
  leadhub_channel* made = nullptr;
  const auto status = call_plugin(who_, "create", [&] {
    return module.channel_factory().create(context_.host(), to_abi(context_.channel()), &made, &error);
  });
  if (!status) return std::unexpected(status.error());
  if (auto good = check_status(*status, error, "create"); !good) return good;
  if (auto good = check_table(made, who_, "leadhub_channel"); !good) return good;
  auto complete = check_calls(who_, {{"check", made->check != nullptr},
                                     {"activate", made->activate != nullptr},
                                     {"deactivate", made->deactivate != nullptr},
                                     {"destroy", made->destroy != nullptr},
                                     {"get_extension", made->get_extension != nullptr}});
  if (complete) channel_ = made;
  return complete;
}

ChannelInstance::~ChannelInstance() {
  if (channel_ == nullptr) return;
  const auto say = [](const auto& result) {
    if (!result) log::error("plugin", result.error().message);
  };
  if (active_) say(call_plugin(who_, "deactivate", [&] { return channel_->deactivate(channel_), 0; }));
  say(call_plugin(who_, "destroy", [&] { return channel_->destroy(channel_), 0; }));
}

Result<void> ChannelInstance::check_status(leadhub_status status, const leadhub_error& error,
                                           std::string_view call) const {
  if (status == LEADHUB_STATUS_OK) return {};
  if (status == LEADHUB_STATUS_ERROR) {
    const Error told = reported(error);
    return fail(told.code, who_ + ": " + told.message);
  }
  return std::unexpected(misbehaviour(
      who_, "returned the unknown status " + std::to_string(status) + " from " + std::string{call}));
}

Error ChannelInstance::reported(const leadhub_error& error) const {
  Error told = to_error(error);
  told.message = context_.redacted(std::move(told.message));
  return told;
}

Result<std::vector<ConfigDiagnostic>> ChannelInstance::check() {
  DiagnosticCollector collector;
  const leadhub_diagnostic_sink sink{sizeof sink, 0, &collector, &DiagnosticCollector::take};
  auto error = empty_error();
  const auto status = call_plugin(
      who_, "check", [&] { return channel_->check(channel_, to_abi(context_.config()), &sink, &error); });
  if (!status) return std::unexpected(status.error());
  if (auto good = check_status(*status, error, "check"); !good) return std::unexpected(good.error());
  if (!collector.complaint.empty()) return std::unexpected(misbehaviour(who_, collector.complaint));
  for (auto& [pointer, message] : collector.found) {
    if (!pointer.starts_with('/') || !is_utf8(pointer)) pointer.clear();
    message = plain_text(context_.redacted(std::move(message)), limits::plugin_text_bytes_max);
  }
  return std::move(collector.found);
}

Result<void> ChannelInstance::activate() {
  auto error = empty_error();
  const auto status = call_plugin(
      who_, "activate", [&] { return channel_->activate(channel_, to_abi(context_.config()), &error); });
  if (!status) return std::unexpected(status.error());
  auto good = check_status(*status, error, "activate");
  active_ = good.has_value();
  return good;
}

template <class Table>
Result<const Table*> ChannelInstance::extension(std::string_view id) const {
  const auto found =
      call_plugin(who_, "get_extension", [&] { return channel_->get_extension(channel_, to_abi(id)); });
  if (!found) return std::unexpected(found.error());
  const auto* table = static_cast<const Table*>(*found);
  if (table == nullptr) return table;
  if (auto good = check_table(table, who_, id); !good) return std::unexpected(good.error());
  return table;
}

Result<const leadhub_capture_http*> ChannelInstance::capture_http() const {
  auto table = extension<leadhub_capture_http>(LEADHUB_CAPTURE_HTTP);
  if (!table || *table == nullptr) return table;
  if (auto complete = check_calls(
          who_, {{"authenticate", (*table)->authenticate != nullptr}, {"read", (*table)->read != nullptr}});
      !complete)
    return std::unexpected(complete.error());
  return table;
}

Result<const leadhub_follow_up*> ChannelInstance::follow_up() const {
  auto table = extension<leadhub_follow_up>(LEADHUB_FOLLOW_UP);
  if (!table || *table == nullptr) return table;
  if (auto complete =
          check_calls(who_, {{"wanted", (*table)->wanted != nullptr}, {"run", (*table)->run != nullptr}});
      !complete)
    return std::unexpected(complete.error());
  return table;
}

Result<const leadhub_capture_poll*> ChannelInstance::capture_poll() const {
  auto table = extension<leadhub_capture_poll>(LEADHUB_CAPTURE_POLL);
  if (!table || *table == nullptr) return table;
  if (auto complete = check_calls(who_, {{"poll", (*table)->poll != nullptr}}); !complete)
    return std::unexpected(complete.error());
  return table;
}

Result<const leadhub_deliver*> ChannelInstance::deliver() const {
  auto table = extension<leadhub_deliver>(LEADHUB_DELIVER);
  if (!table || *table == nullptr) return table;
  if (auto complete = check_calls(who_, {{"deliver", (*table)->deliver != nullptr}}); !complete)
    return std::unexpected(complete.error());
  return table;
}

}  // namespace leadhub::plugin
