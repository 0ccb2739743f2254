#include "CDashboardFiles.h"

// Swift takes minutes for arrays of this size, and an executable that looks for its files beside itself may lose them.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi_json[] = {
#embed "../Dashboard/Resources/openapi.json"
};
static const unsigned char api_js[] = {
#embed "../Dashboard/Resources/page/api.js"
};
static const unsigned char charts_js[] = {
#embed "../Dashboard/Resources/page/charts.js"
};
static const unsigned char dashboard_css[] = {
#embed "../Dashboard/Resources/page/dashboard.css"
};
static const unsigned char dialogs_js[] = {
#embed "../Dashboard/Resources/page/dialogs.js"
};
static const unsigned char dom_js[] = {
#embed "../Dashboard/Resources/page/dom.js"
};
static const unsigned char format_js[] = {
#embed "../Dashboard/Resources/page/format.js"
};
static const unsigned char icon_svg[] = {
#embed "../Dashboard/Resources/page/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../Dashboard/Resources/page/index.html"
};
static const unsigned char main_js[] = {
#embed "../Dashboard/Resources/page/main.js"
};
static const unsigned char model_js[] = {
#embed "../Dashboard/Resources/page/model.js"
};
static const unsigned char tables_js[] = {
#embed "../Dashboard/Resources/page/tables.js"
};
static const unsigned char timeline_js[] = {
#embed "../Dashboard/Resources/page/timeline.js"
};
static const unsigned char verdict_js[] = {
#embed "../Dashboard/Resources/page/verdict.js"
};
static const unsigned char yard_js[] = {
#embed "../Dashboard/Resources/page/yard.js"
};

#define FILE_AT(path, name) {path, name, sizeof name}

static const struct switchyard_dashboard_file files[] = {
    FILE_AT("openapi.json", openapi_json),
    FILE_AT("page/api.js", api_js),
    FILE_AT("page/charts.js", charts_js),
    FILE_AT("page/dashboard.css", dashboard_css),
    FILE_AT("page/dialogs.js", dialogs_js),
    FILE_AT("page/dom.js", dom_js),
    FILE_AT("page/format.js", format_js),
    FILE_AT("page/icon.svg", icon_svg),
    FILE_AT("page/index.html", index_html),
    FILE_AT("page/main.js", main_js),
    FILE_AT("page/model.js", model_js),
    FILE_AT("page/tables.js", tables_js),
    FILE_AT("page/timeline.js", timeline_js),
    FILE_AT("page/verdict.js", verdict_js),
    FILE_AT("page/yard.js", yard_js),
    {NULL, NULL, 0},
};

const struct switchyard_dashboard_file *switchyard_dashboard_files(void) { return files; }
