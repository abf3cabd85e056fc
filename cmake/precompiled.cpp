// A precompiled header needs a program with the same settings as those that use it; this is it. See
// LeadHubBuild.cmake.
int main() {}
