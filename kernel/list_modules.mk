# What is configured as a module: a line "NAME FILE SOURCE…" for each, before anything is compiled. To be run in
# the kernel's own make, for its variables (modules.sh): make run-command KBUILD_RUN_COMMAND="make -f THIS obj=."
obj-y :=
obj-m :=
src := $(or $(srcroot),$(srctree))/$(obj)
include $(objtree)/include/config/auto.conf
include $(srctree)/scripts/Kbuild.include
include $(srctree)/scripts/Makefile.compiler
include $(kbuild-file)

folder := $(if $(filter .,$(obj)),,$(obj)/)
below := $(sort $(patsubst %/,%,$(filter %/,$(obj-y) $(obj-m))) $(subdir-y) $(subdir-m))
parts = $(or $(strip $(foreach s,-objs -y -m,$($(1:.o=$(s))))),$1)
name = $(subst -,_,$(notdir $(1:.o=)))
$(foreach m,$(sort $(filter-out $(obj-y) %/,$(obj-m))),\
    $(info $(call name,$m) $(folder)$(m:.o=.ko) $(addprefix $(folder),$(patsubst %.o,%.c,$(call parts,$m)))))

.PHONY: all $(below)
all: $(below)
$(below):
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) obj=$(folder)$@
.DEFAULT_GOAL := all
