-- Why a complete upload was refused, in the words of the contract (`ProblemCode`); empty when it was not.
ALTER TABLE uploads ADD COLUMN problem TEXT NOT NULL DEFAULT '';
