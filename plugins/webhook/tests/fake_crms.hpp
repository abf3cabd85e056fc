#pragma once

#include <set>
#include <string>
#include <string_view>

#include "fake_service.hpp"

/// HubSpot, Salesforce, Pipedrive and EspoCRM as far as the presets speak to them, after their public
/// documentation: they refuse what the real ones refuse.
namespace leadhub::webhook::testing {

inline const std::string crm_token = "crm-token-1";

/// POST /crm/v3/objects/contacts/batch/upsert
class FakeHubSpot final : public FakeService {
 public:
  FakeHubSpot() {
    server_.Post(
        "/crm/v3/objects/contacts/batch/upsert",
        [this](const httplib::Request& request, httplib::Response& response) { upsert(request, response); });
    start();
  }
  ~FakeHubSpot() override { stop(); }

 private:
  static void refuse(httplib::Response& response, int status, const char* category,
                     const std::string& message) {
    answer(response, status,
           {{"status", "error"}, {"message", message}, {"correlationId", "c-1"}, {"category", category}});
  }

  void upsert(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("authorization") != "Bearer " + crm_token)
      return refuse(response, 401, "INVALID_AUTHENTICATION", "Authentication credentials not found.");
    const Json body = body_of(request, response);
    if (body.is_null()) return;
    if (!body.contains("inputs") || !body["inputs"].is_array() || body["inputs"].size() != 1)
      return refuse(response, 400, "VALIDATION_ERROR", "Invalid input JSON: inputs");
    const Json& input = body["inputs"][0];
    if (input.value("idProperty", "") != "email")
      return refuse(response, 400, "VALIDATION_ERROR", "Property idProperty is not unique");
    const std::string id = input.value("id", "");
    if (id.find('@') == std::string::npos)
      return refuse(response, 400, "VALIDATION_ERROR", "Email address " + id + " is invalid");
    static const std::set<std::string, std::less<>> known = {
        "email", "firstname", "lastname", "phone", "company", "jobtitle", "city", "country", "company_size"};
    for (const auto& [name, value] : input.at("properties").items()) {
      if (!known.contains(name))
        return refuse(response, 400, "VALIDATION_ERROR", "Property \"" + name + "\" does not exist");
      if (value.is_null() || value.is_structured())
        return refuse(response, 400, "VALIDATION_ERROR", "Property values were not valid");
    }
    const bool is_new = !records.contains(id);
    for (const auto& [name, value] : input.at("properties").items()) records[id][name] = value;
    answer(
        response, 200,
        {{"status", "COMPLETE"},
         {"results", {{{"id", "51"}, {"new", is_new}, {"archived", false}, {"properties", records[id]}}}}});
  }
};

/// PATCH /services/data/v60.0/sobjects/Lead/Leadhub_Id__c/{id}
class FakeSalesforce final : public FakeService {
 public:
  FakeSalesforce() {
    server_.Patch(
        R"(/services/data/v(\d+)\.0/sobjects/Lead/([^/]+)/([^/]+))",
        [this](const httplib::Request& request, httplib::Response& response) { upsert(request, response); });
    start();
  }
  ~FakeSalesforce() override { stop(); }

  bool answers_empty_on_update = false;  ///< before version 46

 private:
  static void refuse(httplib::Response& response, int status, const char* code, const std::string& message) {
    answer(response, status, Json::array({{{"message", message}, {"errorCode", code}}}));
  }

  void upsert(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("authorization") != "Bearer " + crm_token)
      return refuse(response, 401, "INVALID_SESSION_ID", "Session expired or invalid");
    if (request.matches[2] != "Leadhub_Id__c")
      return refuse(response, 404, "NOT_FOUND", "The requested resource does not exist");
    const Json body = body_of(request, response);
    if (body.is_null()) return;
    if (body.contains("Leadhub_Id__c"))
      return refuse(response, 400, "INVALID_FIELD", "The external id stands in the address");
    static const std::set<std::string, std::less<>> known = {"LastName", "FirstName", "Company", "Email",
                                                             "Phone",    "Title",     "City",    "Size__c"};
    for (const auto& [name, value] : body.items())
      if (!known.contains(name))
        return refuse(response, 400, "INVALID_FIELD",
                      "No such column '" + name + "' on sobject of type Lead");
    const std::string id = request.matches[3];
    const bool is_new = !records.contains(id);
    for (const char* required : {"LastName", "Company"})
      if (is_new && body.value(required, "").empty())
        return refuse(response, 400, "REQUIRED_FIELD_MISSING",
                      "Required fields are missing: [" + std::string(required) + "]");
    if (body.value("LastName", "").size() > 80)
      return refuse(response, 400, "STRING_TOO_LONG", "Last Name: data value too large");
    for (const auto& [name, value] : body.items()) records[id][name] = value;
    if (!is_new && answers_empty_on_update) {
      response.status = 204;
      return;
    }
    answer(response, is_new ? 201 : 200,
           {{"id", "00Q5e00001AbCdEAAV"}, {"success", true}, {"errors", Json::array()}, {"created", is_new}});
  }
};

/// GET /api/v2/persons/search, POST /api/v2/persons, PATCH /api/v2/persons/{id}
class FakePipedrive final : public FakeService {
 public:
  FakePipedrive() {
    server_.Get("/api/v2/persons/search", [this](const httplib::Request& request,
                                                 httplib::Response& response) { search(request, response); });
    server_.Post("/api/v2/persons", [this](const httplib::Request& request, httplib::Response& response) {
      write(request, response, {});
    });
    server_.Patch(R"(/api/v2/persons/(\d+))",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    write(request, response, request.matches[1]);
                  });
    start();
  }
  ~FakePipedrive() override { stop(); }

 private:
  static void refuse(httplib::Response& response, int status, const std::string& error) {
    answer(response, status,
           {{"success", false}, {"error", error}, {"code", "ERR_SCHEMA_VALIDATION_FAILED"}});
  }
  static bool is_known(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("x-api-token") == crm_token) return true;
    return refuse(response, 401, "unauthorized access"), false;
  }

  void search(const httplib::Request& request, httplib::Response& response) {
    if (!is_known(request, response)) return;
    const std::string term = request.get_param_value("term");
    if (term.empty() || request.get_param_value("fields") != "email" ||
        request.get_param_value("exact_match") != "true")
      return refuse(response, 400, "parameters");
    Json items = Json::array();
    for (const auto& [id, person] : records)
      for (const Json& email : person.value("emails", Json::array()))
        if (email.at("value") == term)
          items.push_back({{"result_score", 1.0}, {"item", {{"id", std::stoi(id)}, {"type", "person"}}}});
    answer(
        response, 200,
        {{"success", true}, {"data", {{"items", items}}}, {"additional_data", {{"next_cursor", nullptr}}}});
  }

  void write(const httplib::Request& request, httplib::Response& response, const std::string& given) {
    if (!is_known(request, response)) return;
    const Json body = body_of(request, response);
    if (body.is_null()) return;
    if (!given.empty() && !records.contains(given)) return refuse(response, 404, "Person not found");
    if (given.empty() && body.value("name", "").empty()) return refuse(response, 400, "name is required");
    static const std::set<std::string, std::less<>> known = {"name",     "emails", "phones",
                                                             "owner_id", "org_id", "custom_fields"};
    for (const auto& [name, value] : body.items())
      if (!known.contains(name)) return refuse(response, 400, "\"" + name + "\" is not allowed");
    for (const char* list : {"emails", "phones"})
      for (const Json& entry : body.value(list, Json::array()))
        if (!entry.contains("value") || !entry["value"].is_string())
          return refuse(response, 400, "value is required");
    const std::string id = given.empty() ? std::to_string(records.size() + 11) : given;
    for (const auto& [name, value] : body.items()) records[id][name] = value;
    answer(response, given.empty() ? 201 : 200,
           {{"success", true}, {"data", {{"id", std::stoi(id)}, {"name", "x"}}}});
  }
};

/// GET /api/v1/Lead?where..., POST /api/v1/Lead, PUT /api/v1/Lead/{id}
class FakeEspoCrm final : public FakeService {
 public:
  FakeEspoCrm() {
    server_.Get("/api/v1/Lead", [this](const httplib::Request& request, httplib::Response& response) {
      list(request, response);
    });
    server_.Post("/api/v1/Lead", [this](const httplib::Request& request, httplib::Response& response) {
      write(request, response, {});
    });
    server_.Put(R"(/api/v1/Lead/([^/]+))",
                [this](const httplib::Request& request, httplib::Response& response) {
                  write(request, response, request.matches[1]);
                });
    start();
  }
  ~FakeEspoCrm() override { stop(); }

 private:
  static bool is_known(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("x-api-key") == crm_token) return true;
    response.status = 401;
    return false;
  }

  void list(const httplib::Request& request, httplib::Response& response) {
    if (!is_known(request, response)) return;
    if (request.get_param_value("where[0][type]") != "equals" ||
        request.get_param_value("where[0][attribute]") != "emailAddress") {
      response.status = 400;
      return;
    }
    Json found = Json::array();
    for (const auto& [id, lead] : records)
      if (lead.value("emailAddress", "") == request.get_param_value("where[0][value]"))
        found.push_back({{"id", id}});
    const auto total = found.size();
    if (request.get_param_value("maxSize") == "1" && total > 1) found = Json::array({found.front()});
    answer(response, 200, {{"total", total}, {"list", found}});
  }

  void write(const httplib::Request& request, httplib::Response& response, const std::string& given) {
    if (!is_known(request, response)) return;
    const Json body = body_of(request, response);
    if (body.is_null()) return;
    if (!given.empty() && !records.contains(given)) {
      response.status = 404;
      return;
    }
    if (given.empty() && body.value("lastName", "").empty())
      return answer(response, 400,
                    {{"messageTranslation", {{"label", "validationFailure"}, {"scope", nullptr}}}});
    const bool skips_check = request.get_header_value("x-skip-duplicate-check") == "true";
    for (const auto& [id, lead] : records)
      if (given.empty() && !skips_check && lead.value("lastName", "") == body.value("lastName", ""))
        return answer(response, 409, Json::array({{{"id", id}}}));
    const std::string id = given.empty() ? "65f0c1a2b3c4d5e" + std::to_string(10 + records.size()) : given;
    for (const auto& [name, value] : body.items()) records[id][name] = value;
    Json record = records[id];
    record["id"] = id;
    answer(response, 200, record);
  }
};

}  // namespace leadhub::webhook::testing
