#define FACTORY sizeof(leadhub_channel_factory), 0, 0
#include "specimen.h"
