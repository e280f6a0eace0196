## bench-nqs: accuracy of the wave functions, ten seeds per case, logged to $(BUILD)/bench-nqs.jsonl (long)
bench-nqs: $(BUILD)/bench/nqs_accuracy
	$(Q)$< all | tee $(BUILD)/bench-nqs.jsonl
.PHONY: bench-nqs
