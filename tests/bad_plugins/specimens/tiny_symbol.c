/* The right name, but not the right thing. */
__attribute__((visibility("default"))) const char leadhub_plugin[4] = "LEA";
