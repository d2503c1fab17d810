package sqlite

type counter struct{}

func (counter) release(*Conn) {}

const countedSourceID = ""
