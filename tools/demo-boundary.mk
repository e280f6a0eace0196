## demo-boundary: from an Ising Hamiltonian to an emergent metric; writes data.json, result.json and pictures into BUILD/boundary
demo-boundary: $(PROG)
	$(Q)mkdir -p $(BUILD)/boundary && cp examples/50_boundary_ising/*.json $(BUILD)/boundary
	$(Q)cd $(BUILD)/boundary && $(abspath $(PROG)) nqs response boundary.json --force -o data.json --plot response.svg
	$(Q)cd $(BUILD)/boundary && $(abspath $(PROG)) train config.json --force -o result.json --plot metric.svg
	@echo "pictures: $(BUILD)/boundary/response.svg and $(BUILD)/boundary/metric.svg"
.PHONY: demo-boundary
